/** A submit whose answer is lost: found by its content and adopted, else the route decides. Nothing arrives twice by the machine. */
import type { FaultRig } from './rig/fault-rig';
import { openFaultRig } from './rig/fault-rig';
import { purchaseOrder } from './rig/partner-samples';

jest.setTimeout(180_000);

let rig: FaultRig;
afterEach(() => rig.close());

const submits = (): number => rig.gateway.calls['POST /message/submit'] ?? 0;
const arrived = (): number => rig.gateway.partner('WAREHOUSE').received.length;
const send = (messageId: string, quantity = 12): Promise<unknown> =>
  rig.gateway.partner('ACME').send({ messageId, subject: 'Order', attachments: [purchaseOrder(quantity)] });

test.each(['hold', 'resend'])(
  'done, and the answer lost: adopted and confirmed, not sent again (onUnknown: %s)',
  async (onUnknown) => {
    rig = await openFaultRig({ changes: { route: { onUnknown } } });
    const loss = rig.gatewayProxy.play({ call: /^POST \/message\/submit/, lose: true });
    await rig.start();
    await send('<1@acme>');
    const [message] = await rig.done(1);
    expect(loss.hits).toBe(1);
    expect(submits()).toBe(1);
    expect(arrived()).toBe(1);
    const remoteId = rig.gateway.partner('WAREHOUSE').received[0]!.messageId;
    expect(message!.deliveries).toEqual([expect.objectContaining({ state: 'delivered', remoteId })]);
  },
);

test('never done, and onUnknown: hold: held as unknown, and not sent again', async () => {
  rig = await openFaultRig({ changes: { route: { onUnknown: 'hold' } } });
  const loss = rig.gatewayProxy.play({ call: /^POST \/message\/submit/, swallow: true });
  await rig.start();
  await send('<1@acme>');
  const [message] = await rig.done(1);
  expect(message!.obligations).toEqual([
    expect.objectContaining({
      place: 'held',
      reasons: [expect.objectContaining({ code: 'delivery-unknown' })],
    }),
  ]);
  expect(loss.hits).toBe(1);
  expect(arrived()).toBe(0);
});

test('never done, and onUnknown: resend: sent once more', async () => {
  rig = await openFaultRig();
  const loss = rig.gatewayProxy.play({ call: /^POST \/message\/submit/, swallow: true, times: 1 });
  await rig.start();
  await send('<1@acme>');
  const [message] = await rig.done(1);
  expect(message!.deliveries[0]!.state).toBe('delivered');
  expect(loss.hits).toBe(1);
  expect(submits()).toBe(1);
  expect(arrived()).toBe(1);
});

test("another message's submission of the very same bytes is not adopted", async () => {
  rig = await openFaultRig({ changes: { route: { onUnknown: 'hold' } } });
  await rig.start();
  await send('<1@acme>');
  await rig.done(1);
  rig.gatewayProxy.play({ call: /^POST \/message\/submit/, swallow: true });
  await send('<2@acme>');
  const messages = await rig.done(2);
  const places = Object.fromEntries(
    messages.map(({ gatewayId, obligations }) => [gatewayId, obligations[0]!.place]),
  );
  expect(places).toEqual({ '<1@acme>': 'delivered', '<2@acme>': 'held' });
  expect(arrived()).toBe(1);
});

test('two submissions of the same bytes, both answers lost: each is adopted by one message', async () => {
  rig = await openFaultRig({ changes: { route: { onUnknown: 'hold' } } });
  rig.gatewayProxy.play({ call: /^POST \/message\/submit/, lose: true });
  await send('<1@acme>');
  await send('<2@acme>');
  await rig.start();
  const messages = await rig.done(2);
  const received = rig.gateway.partner('WAREHOUSE').received.map(({ messageId }) => messageId);
  expect(messages.map(({ deliveries }) => deliveries[0]!.remoteId).sort()).toEqual([...received].sort());
  expect(submits()).toBe(2);
});

test('while not everything can be looked at, nothing is concluded: it is searched again', async () => {
  rig = await openFaultRig({ changes: { route: { onUnknown: 'hold' } } });
  rig.gatewayProxy.play({ call: /^POST \/message\/submit/, lose: true });
  // The search sees the list, and not the message that it names.
  const hidden = rig.gatewayProxy.play({
    call: /^GET \/message\/outbox\/%3C/i,
    times: 3,
    rewrite: () => ({ status: 404, body: Buffer.from('{"errorMessage":"Message not found"}') }),
  });
  await rig.start();
  await send('<1@acme>');
  const [message] = await rig.done(1);
  expect(hidden.hits).toBe(3);
  expect(message!.obligations[0]!.place).toBe('delivered');
  expect(submits()).toBe(1);
});
