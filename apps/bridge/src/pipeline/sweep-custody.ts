import type { PipelineContext } from './context';

type SweepContext = Pick<PipelineContext, 'ledger' | 'custody' | 'log' | 'now'>;

const batch = 500;
const dayMs = 24 * 3_600_000;

/** How long after a restore nothing is removed: longer than the gateway keeps a message, from which it could come again. */
const afterRestoreMs = 40 * 24 * 3_600_000;

/**
 * Removes what nobody refers to: deposits whose message was never written, because the process died in between. Where one
 * process deposits it runs at the start only, before anything is taken, so that nothing young can be mistaken for an
 * orphan; a store of several bridges says itself what may be under way.
 */
export async function sweepCustody({ ledger, custody, log, now }: SweepContext): Promise<void> {
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
  for await (const { key, mayBeUnderWay } of custody.list()) {
    if (mayBeUnderWay) continue;
    keys.push(key);
    if (keys.length === batch) await sweep();
  }
  await sweep();
  if (removed > 0) log.info({ count: removed }, 'removed deposits that no message refers to');
}

/**
 * For a store of several bridges, in which what a dead one left is not old enough at anybody's start. Each bridge does it:
 * an object that two of them remove is removed once. @returns what stops it
 */
export function sweepCustodyDaily(context: SweepContext): () => Promise<void> {
  let sweeping = Promise.resolve();
  const timer = setInterval(() => {
    sweeping = sweepCustody(context).catch((error: unknown) => {
      context.log.warn({ why: error instanceof Error ? error.message : 'unknown' }, 'custody was not swept');
    });
  }, dayMs);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await sweeping;
  };
}
