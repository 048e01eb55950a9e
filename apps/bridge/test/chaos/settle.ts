import { setTimeout as sleep } from 'node:timers/promises';
import type { LedgerReader } from '../../src/ledger/ledger-reader';
import type { ChaosRig } from './chaos-rig';

export interface SettleOptions {
  readonly withinMs?: number;
  /** Milliseconds for which it must stay at rest, so that a sweep comes by. */
  readonly forMs?: number;
}

/**
 * Waits until nothing is left to do: everything is taken, settled and marked read, and stays so.
 * @returns what still had to be done when the time was over; null where all is at rest
 */
export async function settle(
  { unread, withLedger, bridge }: Pick<ChaosRig, 'unread' | 'withLedger' | 'bridge'>,
  { withinMs = 60_000, forMs = 0 }: SettleOptions = {},
): Promise<string | null> {
  const end = Date.now() + withinMs;
  let restingSince: number | null = null;
  for (;;) {
    const work = (await withLedger(left)) ?? { ledger: 'none yet' };
    const ids = await unread();
    const isAtRest = Object.keys(work).length === 0 && ids.length === 0;
    restingSince = isAtRest ? (restingSince ?? Date.now()) : null;
    if (restingSince !== null && Date.now() - restingSince >= forMs) return null;
    if (Date.now() > end)
      return `not at rest within ${String(withinMs)} ms: ${JSON.stringify({ ...work, unread: ids.slice(0, 5) })}\n  ${bridge
        .tail()
        .slice(-6)
        .join('\n  ')}`;
    await sleep(150);
  }
}

async function left(reader: LedgerReader): Promise<Record<string, unknown>> {
  // A delivery of unknown fate is searched for a day long.
  const due = Object.entries(await reader.due.count()).filter(([kind]) => kind !== 'reconcile');
  const states = await reader.messages.countByState();
  const failures = await reader.intakeFailures.list();
  const work: Record<string, unknown> = Object.fromEntries(due);
  for (const state of ['scanning', 'deciding', 'delivering'])
    if ((states[state] ?? 0) > 0) work[state] = states[state];
  if (failures.length > 0) work['intake failures'] = failures.slice(0, 3);
  return work;
}
