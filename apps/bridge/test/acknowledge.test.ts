/** Marking read, while a partner uses an id again: the gateway knows ids only, and no copy may be lost. */
import type { FaultRig } from './rig/fault-rig';
import { openFaultRig } from './rig/fault-rig';
import { purchaseOrder } from './rig/partner-samples';
import { until } from './rig/until';

jest.setTimeout(180_000);

let rig: FaultRig;
beforeEach(async () => {
  rig = await openFaultRig();
});
afterEach(() => rig.close());

const id = '<850@acme>';
const markRead = /^GET \/message\/inbox\/[^/?]+\?(.*&)?markAsRead=true/;
const send = async (quantity: number): Promise<void> => {
  await rig.gateway
    .partner('ACME')
    .send({ messageId: id, subject: 'Order', attachments: [purchaseOrder(quantity)] });
};

async function outcome(): Promise<unknown> {
  const messages = await rig.messages();
  return messages
    .map(({ obligations, resends }) => ({
      place: obligations[0]!.place,
      code: obligations[0]!.reasons[0]?.code,
      resends,
    }))
    .sort((a, b) => a.place.localeCompare(b.place));
}

test('other bytes under the same id, come in between the fetch and the mark: taken as well, as a conflict', async () => {
  const race = rig.gatewayProxy.play({ call: markRead, times: 1, before: () => send(13) });
  await send(12);
  await rig.start();
  await rig.done(2);
  expect(race.hits).toBe(1);
  expect(await outcome()).toEqual([
    { place: 'delivered', code: undefined, resends: 0 },
    { place: 'held', code: 'id-conflict', resends: 0 },
  ]);
  expect(await rig.unread()).toEqual([]);
});

test('the same bytes again, come in between the fetch and the mark: seen, and not forwarded twice', async () => {
  rig.gatewayProxy.play({ call: markRead, times: 1, before: () => send(12) });
  await send(12);
  await rig.start();
  await until('the copy is noted', async () => ((await rig.messages())[0]?.resends === 1 ? true : undefined));
  await rig.done(1);
  expect(await outcome()).toEqual([{ place: 'delivered', code: undefined, resends: 1 }]);
  expect(rig.gateway.partner('WAREHOUSE').received).toHaveLength(1);
  expect(await rig.unread()).toEqual([]);
});

test('the answer to the mark is lost, and the new copy with it: found by the next try', async () => {
  const race = rig.gatewayProxy.play({ call: markRead, times: 4, before: sendOnce(), lose: true });
  await send(12);
  await rig.start();
  await rig.done(2);
  expect(race.hits).toBeGreaterThan(1);
  expect(await outcome()).toContainEqual({ place: 'held', code: 'id-conflict', resends: 0 });
});

function sendOnce(): () => Promise<void> {
  let sent = false;
  return async () => {
    if (sent) return;
    sent = true;
    await send(13);
  };
}

test('the mark is refused for a while: forwarded meanwhile, marked in the end, counted as no copy', async () => {
  const refusal = rig.gatewayProxy.play({
    call: markRead,
    times: 3,
    rewrite: () => ({ status: 400, body: Buffer.from('{"errorMessage":"not now"}') }),
  });
  await send(12);
  await rig.start();
  await rig.done(1);
  expect(refusal.hits).toBe(3);
  expect(await outcome()).toEqual([{ place: 'delivered', code: undefined, resends: 0 }]);
  expect(await rig.unread()).toEqual([]);
});

test('marked unread by a person: marked again, and not forwarded twice', async () => {
  await send(12);
  await rig.start();
  await rig.done(1);
  const marks = (): number => rig.gateway.calls['GET /message/inbox/{id}'] ?? 0;
  const before = marks();
  await rig.markUnread(id);
  await until('it is marked read again', async () =>
    marks() > before + 1 && (await rig.unread()).length === 0 ? true : undefined,
  );
  await rig.done(1);
  expect(rig.gateway.partner('WAREHOUSE').received).toHaveLength(1);
});
