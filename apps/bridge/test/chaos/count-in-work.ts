import type { ChaosRig } from './chaos-rig';

/** Messages that were sent and have not come to their place, as far as the ledger can be asked. */
export async function countInWork({ gateway, withLedger }: ChaosRig): Promise<number> {
  const states = (await withLedger((reader) => reader.messages.countByState())) ?? {};
  const known = Object.values(states).reduce((sum, count) => sum + count, 0);
  const inWork = ['scanning', 'deciding', 'delivering'].reduce((sum, state) => sum + (states[state] ?? 0), 0);
  return gateway.sent.length - known + inWork;
}
