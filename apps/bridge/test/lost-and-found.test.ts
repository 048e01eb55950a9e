/** A delivery of unknown fate is held, and searched for: found later it is confirmed as any other; not found, people decide. */
import type { MessageEvent } from '../src/domain/message-event';
import { openSqliteLedgerReader } from '../src/ledger/sqlite-ledger-reader';
import type { FaultRig } from './rig/fault-rig';
import { openFaultRig } from './rig/fault-rig';
import { purchaseOrder } from './rig/partner-samples';
import { until } from './rig/until';

jest.setTimeout(180_000);

let rig: FaultRig;
afterEach(() => rig.close());

const submits = (): number => rig.gateway.calls['POST /message/submit'] ?? 0;
const arrived = (): number => rig.gateway.partner('WAREHOUSE').received.length;

/** Starts a bridge that holds what is unknown, loses the answer of each submit, and sees empty boxes until `show`. */
async function lose({ searchFor = '1h', failed = false } = {}) {
  rig = await openFaultRig({ changes: { route: { onUnknown: 'hold' }, delivery: { searchFor } } });
  if (failed) rig.gateway.outcomes.add({ to: 'WAREHOUSE', outcome: { box: 'failed' } });
  rig.gatewayProxy.play({ call: /^POST \/message\/submit/, lose: true });
  const hidden = rig.gatewayProxy.play({
    call: /^GET \/message\/outbox(\/[a-z]+)?\?/,
    rewrite: ({ body }) => {
      const list = JSON.parse(body.toString()) as unknown;
      return { body: Buffer.from(JSON.stringify(Array.isArray(list) ? [] : { messages: [] })) };
    },
  });
  await rig.start();
  await rig.gateway
    .partner('ACME')
    .send({ messageId: '<1@acme>', subject: 'Order', attachments: [purchaseOrder(12)] });
  const [message] = await rig.done(1);
  expect(message!.deliveries[0]!.state).toBe('unknown');
  expect(place(message)).toBe('held');
  // A held file stays at the scanner: people need it.
  expect(atScanner()).toBe(1);
  return { show: () => hidden.end() };
}

type Settled = Awaited<ReturnType<FaultRig['messages']>>[number];
const place = (message: Settled | undefined): string | undefined => message?.obligations[0]?.place;
const atScanner = (): number => rig.scanner.files.filter(({ state }) => state !== 'Deleted').length;

async function becomes(wanted: string): Promise<Settled> {
  return until(
    `it is ${wanted}`,
    async () => {
      const [message] = await rig.messages();
      return place(message) === wanted ? message : undefined;
    },
    { facts: async () => (await rig.messages())[0] },
  );
}

async function events(id: string): Promise<readonly MessageEvent['type'][]> {
  const reader = await openSqliteLedgerReader(rig.config.ledgerFile);
  try {
    return (await reader.messages.timeline(id)).map(({ event }) => event.type);
  } finally {
    await reader.close();
  }
}

async function work(): Promise<Readonly<Record<string, number>>> {
  const reader = await openSqliteLedgerReader(rig.config.ledgerFile);
  try {
    return { ...(await reader.due.count()) };
  } finally {
    await reader.close();
  }
}

test('found later: confirmed, delivered, and its copy at the scanner goes', async () => {
  const { show } = await lose();
  show();
  const message = await becomes('delivered');
  expect(message.deliveries[0]).toMatchObject({
    state: 'delivered',
    remoteId: rig.gateway.partner('WAREHOUSE').received[0]!.messageId,
  });
  await until('the copy is gone, and that is noted', async () =>
    atScanner() === 0 && (await events(message.id)).includes('disposed') ? true : undefined,
  );
  expect([submits(), arrived()]).toEqual([1, 1]);
  expect(await events(message.id)).toEqual(
    expect.arrayContaining(['send-ended', 'delivery-unknown', 'submitted', 'delivered']),
  );
});

test('found later, as failed: a dead letter with that reason, and not sent again', async () => {
  const { show } = await lose({ failed: true });
  show();
  const message = await becomes('dead-letter');
  expect(message.obligations[0]!.reasons[0]!.code).toBe('delivery-failed');
  expect([submits(), arrived()]).toEqual([1, 0]);
});

test('never found: once the search is over it stays held, nothing works on it, and the timeline says so', async () => {
  await lose({ searchFor: '1s' });
  await until('the search is over', async () =>
    (await work())['reconcile'] === undefined ? true : undefined,
  );
  const [message] = await rig.messages();
  expect(place(message)).toBe('held');
  expect(message!.obligations[0]!.reasons[0]!.code).toBe('delivery-unknown');
  expect((await events(message!.id)).at(-1)).toBe('search-ended');
  expect(await work()).toEqual({});
  expect(submits()).toBe(1);
});

test('a receipt that comes after the time for it: held meanwhile, delivered then', async () => {
  rig = await openFaultRig({ changes: { delivery: { confirmDeadline: '1s' } } });
  const late = rig.gatewayProxy.play({
    call: /^GET \/message\/outbox/,
    rewrite: () => ({ status: 404, body: Buffer.from('{"errorMessage":"Message not found"}') }),
  });
  await rig.start();
  await rig.gateway
    .partner('ACME')
    .send({ messageId: '<1@acme>', subject: 'Order', attachments: [purchaseOrder(12)] });
  const held = await becomes('held');
  expect(held.obligations[0]!.reasons[0]!.code).toBe('delivery-overdue');
  late.end();
  const message = await becomes('delivered');
  expect(message.deliveries[0]!.remoteId).toBe(held.deliveries[0]!.remoteId);
  expect([submits(), arrived()]).toEqual([1, 1]);
});
