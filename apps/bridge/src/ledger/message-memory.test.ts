import type { Message } from '../domain/message';
import type { Change } from './ledger';
import { StaleChangeError } from './ledger';
import { rememberMessages } from './message-memory';
import { changing, sampleMessage, taking } from './test/sample-message';

/** A ledger that counts its reads and can refuse. */
function countingLedger() {
  const stored = new Map<string, Message>();
  const ledger = { reads: 0, refuse: false };
  const commit = async ({ after }: Change): Promise<void> => {
    if (ledger.refuse) throw new StaleChangeError('somebody else was faster');
    stored.set(after.id, after);
  };
  const load = async (id: string): Promise<Message | undefined> => {
    ledger.reads += 1;
    return stored.get(id);
  };
  return { ledger, stored, ...rememberMessages({ commit, load }) };
}

test('what was committed is loaded without a read', async () => {
  const { ledger, commit, load } = countingLedger();
  const { message } = sampleMessage('m');
  await commit(taking(sampleMessage('m')));
  const change = changing(message, [{ type: 'acknowledged' }]);
  await commit(change);
  expect(await load(message.id)).toBe(change.after);
  expect(ledger.reads).toBe(0);
});

test('after a refused change the message is read anew', async () => {
  const { ledger, stored, commit, load } = countingLedger();
  const { message } = sampleMessage('m');
  await commit(taking(sampleMessage('m')));
  const newer = changing(message, [{ type: 'acknowledged' }]).after;
  stored.set(message.id, newer);
  ledger.refuse = true;
  await expect(commit(changing(message, [{ type: 'acknowledged' }]))).rejects.toThrow(StaleChangeError);
  expect(await load(message.id)).toBe(newer);
  expect(ledger.reads).toBe(1);
});

test('it forgets what was not changed for longest, and what it never knew is read', async () => {
  const { ledger, commit, load } = countingLedger();
  for (let index = 0; index <= 1_000; index += 1) await commit(taking(sampleMessage(`m${index}`)));
  expect((await load(sampleMessage('m1').message.id))?.id).toBe(sampleMessage('m1').message.id);
  expect(ledger.reads).toBe(0);
  expect((await load(sampleMessage('m0').message.id))?.id).toBe(sampleMessage('m0').message.id);
  expect(await load('unknown')).toBeUndefined();
  expect(ledger.reads).toBe(2);
});
