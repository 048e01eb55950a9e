import type { PipelineContext } from './context';

const batch = 500;

/** How long after a restore nothing is removed: longer than the gateway keeps a message, from which it could come again. */
const afterRestoreMs = 40 * 24 * 3_600_000;

/**
 * Removes what nobody refers to: deposits whose message was never written, because the process died in between. Runs at
 * the start only, before anything is taken, so that nothing young can be mistaken for an orphan.
 */
export async function sweepCustody({
  ledger,
  custody,
  log,
  now,
}: Pick<PipelineContext, 'ledger' | 'custody' | 'log' | 'now'>): Promise<void> {
  const restored = await ledger.settings.get('after-restore');
  if (restored !== undefined && now() < (JSON.parse(restored) as { at: number }).at + afterRestoreMs) {
    // What was taken after the backup was made is in custody, and the restored ledger does not know it.
    log.info('the ledger was restored lately: deposits that no message refers to are kept');
    return;
  }
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
