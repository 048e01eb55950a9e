/** The first signal ends in order and gives back what it cannot finish, the second ends at once; one bridge a ledger. */
import type { BridgeProcess } from './rig/bridge-process';
import { startBridgeProcess } from './rig/bridge-process';
import type { BuiltBridge } from './rig/build-bridge';
import { buildBridge } from './rig/build-bridge';
import type { FaultRig } from './rig/fault-rig';
import { openFaultRig } from './rig/fault-rig';
import { noise, purchaseOrder } from './rig/partner-samples';
import { takeStock } from './rig/take-stock';
import { until } from './rig/until';

jest.setTimeout(180_000);

let built: BuiltBridge;
let rig: FaultRig;
const processes: BridgeProcess[] = [];

beforeAll(async () => {
  built = await buildBridge();
});
afterAll(() => built.remove());

beforeEach(async () => {
  rig = await openFaultRig();
});
afterEach(async () => {
  for (const one of processes.splice(0)) {
    one.signal('SIGKILL');
    await one.end;
  }
  await rig.close();
});

function startProcess(): BridgeProcess {
  const one = startBridgeProcess({ script: built.script, configFile: rig.config.file, env: rig.config.env });
  processes.push(one);
  return one;
}

/** Starts again, lets it finish, and checks that all arrived once. */
async function finishWith(count: number): Promise<void> {
  const bridge = startProcess();
  await rig.done(count);
  bridge.signal('SIGTERM');
  expect(await bridge.end).toEqual({ code: 0, signal: null });
  expect(await takeStock(rig)).toMatchObject({
    orphans: [],
    unread: [],
    withoutEvidence: [],
    staged: [],
    due: {},
  });
}

const sendOrder = (): Promise<unknown> =>
  rig.gateway
    .partner('ACME')
    .send({ messageId: '<1@acme>', subject: 'Order', attachments: [purchaseOrder(12)] });
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

test('idle, it ends at the first signal', async () => {
  const bridge = startProcess();
  await bridge.url;
  bridge.signal('SIGINT');
  expect(await bridge.end).toEqual({ code: 0, signal: null });
  expect(bridge.lines.at(-1)).toContain('the bridge has stopped');
});

test('a step that ends within the grace is finished, and its outcome written', async () => {
  const slow = rig.gatewayProxy.play({ call: /^POST \/message\/submit/, before: () => sleep(1_500) });
  await sendOrder();
  const bridge = startProcess();
  await until('the submit is under way', () => (slow.hits === 1 ? true : undefined));
  bridge.signal('SIGTERM');
  expect(await bridge.end).toEqual({ code: 0, signal: null });
  const [message] = await rig.messages();
  expect(message!.deliveries[0]!.state).toBe('submitted');
  await finishWith(1);
  expect(rig.gateway.partner('WAREHOUSE').received).toHaveLength(1);
});

test('a step that outlasts the grace is cut off and given back: done again after the next start, and once in all', async () => {
  let hold = true;
  rig.gatewayProxy.play({
    call: /^POST \/message\/submit/,
    before: async () => {
      while (hold) await sleep(50);
    },
  });
  await sendOrder();
  const bridge = startProcess();
  await until('the submit is due', async () =>
    (await rig.messages())[0]?.deliveries[0]?.state === 'intended' ? true : undefined,
  );
  const signalled = Date.now();
  bridge.signal('SIGTERM');
  expect(await bridge.end).toEqual({ code: 0, signal: null });
  expect(Date.now() - signalled).toBeGreaterThan(5_000);
  expect(Date.now() - signalled).toBeLessThan(60_000);
  hold = false;
  await finishWith(1);
  expect(rig.gateway.partner('WAREHOUSE').received).toHaveLength(1);
});

test('a fetch is given up at once: nothing half stays, the message is still unread', async () => {
  rig.gatewayProxy.play({
    call: /\/attachments/,
    rewrite: ({ body }) => ({
      body: Buffer.from(body.toString().replaceAll(rig.gateway.filesUrl, rig.filesProxy.url)),
    }),
  });
  let hold = true;
  const slow = rig.filesProxy.play({
    call: /./,
    before: async () => {
      while (hold) await sleep(50);
    },
    times: 1,
  });
  await rig.gateway
    .partner('GLOBEX')
    .send({ messageId: '<f@globex>', attachments: [noise('a.bin', 100_000)] });
  const bridge = startProcess();
  await until('the download is under way', () => (slow.hits === 1 ? true : undefined));
  const signalled = Date.now();
  bridge.signal('SIGTERM');
  expect(await bridge.end).toEqual({ code: 0, signal: null });
  expect(Date.now() - signalled).toBeLessThan(30_000);
  hold = false;
  expect(await rig.unread()).toEqual(['<f@globex>']);
  expect(await rig.messages()).toEqual([]);
  expect(await rig.intakeFailures()).toEqual([]);
  await finishWith(1);
});

test('the second signal ends at once; nothing is lost by it', async () => {
  let hold = true;
  const slow = rig.gatewayProxy.play({
    call: /^POST \/message\/submit/,
    before: async () => {
      while (hold) await sleep(50);
    },
  });
  await sendOrder();
  const bridge = startProcess();
  await until('the submit is under way', () => (slow.hits === 1 ? true : undefined));
  bridge.signal('SIGTERM');
  await bridge.said('once more ends at once');
  const signalled = Date.now();
  bridge.signal('SIGTERM');
  expect(await bridge.end).toEqual({ code: 130, signal: null });
  expect(Date.now() - signalled).toBeLessThan(10_000);
  hold = false;
  await finishWith(1);
  expect(rig.gateway.partner('WAREHOUSE').received).toHaveLength(1);
});

test('a second bridge on the same ledger is refused with a sentence, and the first goes on', async () => {
  const first = startProcess();
  await first.url;
  const second = startProcess();
  expect(await second.end).toEqual({ code: 1, signal: null });
  expect(second.lines.join('\n')).toMatch(
    /The ledger .*ledger\.sqlite is in use: another bridge writes it\. Stop that one first/,
  );
  await sendOrder();
  await rig.done(1);
  first.signal('SIGTERM');
  expect(await first.end).toEqual({ code: 0, signal: null });
});
