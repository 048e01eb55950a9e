/** A submission counts for one delivery: whatever makes it count for another is found. */
import type { Message } from '../../domain/message';
import type { MessageEvent } from '../../domain/message-event';
import { changing, forwarded, sampleMessage, taking, weighed } from '../test/sample-message';
import type { TemporaryLedger } from '../test/temporary-ledger';
import { openTemporaryLedger } from '../test/temporary-ledger';
import { verifyLedger } from './verify-ledger';

let temporary: TemporaryLedger;
beforeEach(async () => {
  temporary = await openTemporaryLedger();
});
afterEach(() => temporary.close());

async function happen(before: Message, ...events: readonly MessageEvent[]): Promise<Message> {
  const change = changing(before, events);
  await temporary.ledger.commit({ ...change, next: [] });
  return change.after;
}

async function submit(name: string): Promise<Message> {
  const taken = taking(sampleMessage(name));
  await temporary.ledger.commit({ ...taken, next: [] });
  const decided = await happen(
    taken.after,
    ...taken.after.attachments.map(({ id }) => weighed(taken.after, id)),
    forwarded(taken.after),
  );
  const deliveryId = decided.deliveries[0]!.id;
  return happen(
    decided,
    { type: 'intended', deliveryId, at: 5, sendBy: 6 },
    { type: 'submitted', deliveryId, remoteId: `<${name}@hub>` },
  );
}

const deliver = (sent: Message): Promise<Message> =>
  happen(sent, { type: 'delivered', deliveryId: sent.deliveries[0]!.id, proof: 'mdn' });

async function claims(): Promise<readonly string[]> {
  const found: string[] = [];
  await verifyLedger({
    file: temporary.file,
    now: () => 1_000_000,
    onFinding: ({ check, problem }) => {
      if (check === 'claim') found.push(problem);
    },
  });
  return found;
}

test.each([
  [
    'a delivery that is delivered by the submission of another',
    `update delivery set claimed_id = null, remote_id = '<two@hub>' where remote_id = '<one@hub>'`,
    'delivery one-7-to-warehouse is delivered by a submission that delivery two-7-to-warehouse claims',
  ],
  [
    'a submission that its delivery does not claim',
    `update delivery set claimed_id = null where remote_id = '<three@hub>'`,
    'delivery three-7-to-warehouse goes by <three@hub>, and claims none',
  ],
  [
    'a claim on something else',
    `update delivery set claimed_id = '<four@hub>' where remote_id = '<two@hub>'`,
    'delivery two-7-to-warehouse goes by <two@hub>, and claims <four@hub>',
  ],
])('%s', async (_what, sql, problem) => {
  await deliver(await submit('one'));
  await deliver(await submit('two'));
  await submit('three');
  expect(await claims()).toEqual([]);
  temporary.tamper(sql);
  expect(await claims()).toEqual([problem]);
});
