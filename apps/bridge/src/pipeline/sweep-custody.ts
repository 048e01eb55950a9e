import type { PipelineContext } from './context';

const batch = 500;

/**
 * Removes what nobody refers to: deposits whose message was never written, because the process died in between. Runs at
 * the start only, before anything is taken, so that nothing young can be mistaken for an orphan.
 */
export async function sweepCustody({
  ledger,
  custody,
  log,
}: Pick<PipelineContext, 'ledger' | 'custody' | 'log'>): Promise<void> {
  let keys: string[] = [];
  let removed = 0;
  const sweep = async (): Promise<void> => {
    const referred = await ledger.messages.referredCustodyKeys(keys);
    for (const key of keys.filter((candidate) => !referred.has(candidate))) {
      await custody.remove(key);
      removed += 1;
    }
    keys = [];
  };
  for await (const { key } of custody.list()) {
    keys.push(key);
    if (keys.length === batch) await sweep();
  }
  await sweep();
  if (removed > 0) log.info({ count: removed }, 'removed deposits that no message refers to');
}
