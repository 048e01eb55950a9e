import { isSettled, messageState } from '../../src/domain/message';
import type { ChaosRig } from './chaos-rig';
import { allMessages } from './all-messages';

/**
 * What must hold at any instant, also of a bridge that has just died: nothing is marked read that is not in custody, and
 * nothing in work is forgotten. Partners must not use an id twice meanwhile.
 */
export async function examineDead(rig: ChaosRig): Promise<readonly string[]> {
  const stillUnread = new Set(await rig.unread());
  const read = rig.gateway.sent.filter(({ messageId }) => !stillUnread.has(messageId));
  const found = await rig.withLedger(async (reader) => {
    const items = await allMessages(reader);
    const kept = new Set(items.map(({ message }) => message.gatewayId));
    const faults = read.flatMap(({ messageId }) =>
      kept.has(messageId) ? [] : [`${messageId} is marked read and in no ledger`],
    );
    for (const { message, waiting } of items) {
      if ((!isSettled(message) || !message.acknowledged) && waiting.length === 0)
        faults.push(`${message.gatewayId} is ${messageState(message)} and nothing is due for it`);
    }
    return faults;
  });
  return found ?? read.map(({ messageId }) => `${messageId} is marked read and there is no ledger`);
}
