/** A route that keeps the order of each partner: the next is sent when the one before it has arrived, or waits for people. */
import { openSqliteLedgerReader } from '../src/ledger/sqlite-ledger-reader';
import type { FaultRig } from './rig/fault-rig';
import { openFaultRig } from './rig/fault-rig';
import { eicar, purchaseOrder } from './rig/partner-samples';
import { until } from './rig/until';

jest.setTimeout(180_000);

let rig: FaultRig;
afterEach(() => rig.close());

const send = (id: number, sample = purchaseOrder(id)): Promise<unknown> =>
  rig.gateway
    .partner('ACME')
    .send({ messageId: `<${String(id)}@acme>`, subject: `Order ${String(id)}`, attachments: [sample] });
const arrived = (): readonly (string | undefined)[] =>
  rig.gateway.partner('WAREHOUSE').received.map(({ subject }) => subject);

/** Why deliveries wait now. */
async function waits(): Promise<readonly string[]> {
  const reader = await openSqliteLedgerReader(rig.config.ledgerFile);
  try {
    const { items } = await reader.messages.list({ limit: 50 });
    return items.flatMap(({ waiting }) =>
      waiting.flatMap(({ kind, why }) => (kind === 'deliver' && why !== null ? [why] : [])),
    );
  } finally {
    await reader.close();
  }
}

/** The first file's scan takes until it is let go; files after it pass it by. */
async function holdFirstScan(): Promise<{ letGo: () => void }> {
  let held = true;
  const slow = rig.scannerProxy.play({
    call: /^GET .*status/,
    times: 1,
    before: async () => {
      while (held) await new Promise((resolve) => setTimeout(resolve, 20));
    },
  });
  await send(1);
  await until('the first is being scanned', () => (slow.hits === 1 ? true : undefined));
  return { letGo: () => void (held = false) };
}

test('those that are ready earlier wait for their turn, and say for whom', async () => {
  rig = await openFaultRig({ changes: { route: { inOrder: true } } });
  await rig.start();
  const { letGo } = await holdFirstScan();
  for (const id of [2, 3, 4]) await send(id);
  await until('three wait', async () => ((await waits()).length === 3 ? true : undefined), { facts: waits });
  for (const why of await waits())
    expect(why).toMatch(/^waits for message [0-9a-f]{32}, .* keeps the order$/);
  expect(arrived()).toEqual([]);
  letGo();
  await rig.done(4);
  expect(arrived()).toEqual(['Order 1', 'Order 2', 'Order 3', 'Order 4']);
});

test('one that is quarantined stops nobody', async () => {
  rig = await openFaultRig({ changes: { route: { inOrder: true } } });
  await rig.start();
  await send(1, eicar());
  for (const id of [2, 3]) await send(id);
  await rig.done(3);
  expect(arrived()).toEqual(['Order 2', 'Order 3']);
});

test('where the route does not ask for it nobody waits', async () => {
  rig = await openFaultRig();
  await rig.start();
  const { letGo } = await holdFirstScan();
  await send(2);
  await until('the second has arrived', () => (arrived().length === 1 ? true : undefined));
  expect(arrived()).toEqual(['Order 2']);
  letGo();
  await rig.done(2);
});
