/**
 * A process that was stopped (SIGSTOP, a suspended machine, a frozen container) right before a submit, past the time
 * within which it may send, and then goes on: it sends nothing by that intent, and the message still arrives once.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openSqliteLedgerReader } from '../src/ledger/sqlite-ledger-reader';
import type { BridgeProcess } from './rig/bridge-process';
import { startBridgeProcess } from './rig/bridge-process';
import type { BuiltBridge } from './rig/build-bridge';
import { buildBridge } from './rig/build-bridge';
import type { FaultRig } from './rig/fault-rig';
import { openFaultRig } from './rig/fault-rig';
import { purchaseOrder, threeFiles } from './rig/partner-samples';
import { until } from './rig/until';

jest.setTimeout(180_000);

const sendWithinMs = 1_000;
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

let built: BuiltBridge;
let rig: FaultRig;
let bridge: BridgeProcess | undefined;

beforeAll(async () => {
  built = await buildBridge();
});
afterAll(() => built.remove());
beforeEach(async () => {
  rig = await openFaultRig({
    changes: {
      delivery: { sendWithin: `${String(sendWithinMs)}ms`, settle: '300ms' },
      // Whatever is sent again is sent by a new intent, after proof that the first sent nothing.
      route: { onUnknown: 'hold' },
    },
  });
});
afterEach(async () => {
  bridge?.signal('SIGKILL');
  await bridge?.end;
  await rig.close();
});

function start(env: Readonly<Record<string, string>> = {}): BridgeProcess {
  const { file, env: secrets } = rig.config;
  bridge = startBridgeProcess({ script: built.script, configFile: file, env: { ...secrets, ...env } });
  return bridge;
}

const submits = (): number => rig.gateway.calls['POST /message/submit'] ?? 0;
const arrived = (): number => rig.gateway.partner('WAREHOUSE').received.length;

async function events(): Promise<readonly string[]> {
  const [message] = await rig.messages();
  const reader = await openSqliteLedgerReader(rig.config.ledgerFile);
  try {
    const timeline = await reader.messages.timeline(message!.id);
    return timeline.map(({ event }) => event.type);
  } finally {
    await reader.close();
  }
}

test.each([
  ['before token and request limit', 1, [purchaseOrder(12)]],
  ['when the request may begin', 2, [purchaseOrder(12)]],
  ['with the body in hand', 3, [purchaseOrder(12)]],
  ['when the request with several files may begin', 2, threeFiles()],
] as const)('stopped past its time %s, it sends nothing by that intent', async (_name, nth, attachments) => {
  const log = join(rig.directory, 'steps.log');
  const process = start({
    KILL_TEST_POINT: 'deliver send',
    KILL_TEST_NTH: String(nth),
    KILL_TEST_SIGNAL: 'SIGSTOP',
    KILL_TEST_LOG: log,
  });
  await process.url;
  await rig.gateway.partner('ACME').send({ messageId: '<1@acme>', subject: 'Order', attachments });
  await until('it stands before the submit', async () => {
    const points = (await readFile(log, 'utf8').catch(() => '')).split('\n');
    return points.filter((point) => point === 'deliver send').length >= nth ? true : undefined;
  });
  await sleep(sendWithinMs + 400);
  expect(submits()).toBe(0);
  process.signal('SIGCONT');
  await rig.done(1);
  const seen = await events();
  const firstTry = seen.slice(seen.indexOf('intended'));
  expect(firstTry.slice(0, 2)).toEqual(['intended', 'withdrawn']);
  expect(submits()).toBe(1);
  expect(arrived()).toBe(1);
});

test('stopped past its time within the body: the gateway gets no whole message, and it is held as unknown', async () => {
  const log = join(rig.directory, 'steps.log');
  const process = start({
    KILL_TEST_POINT: 'deliver send',
    // Of several files the head of the first part left already.
    KILL_TEST_NTH: '3',
    KILL_TEST_SIGNAL: 'SIGSTOP',
    KILL_TEST_LOG: log,
  });
  await rig.gateway
    .partner('ACME')
    .send({ messageId: '<1@acme>', subject: 'Invoice', attachments: threeFiles() });
  await until('it stands within the submit', () => (submits() === 1 ? true : undefined));
  await sleep(sendWithinMs + 400);
  process.signal('SIGCONT');
  const [message] = await rig.done(1);
  expect(await events()).toContain('send-ended');
  expect(message!.deliveries[0]!.state).toBe('unknown');
  expect(message!.obligations.map(({ place }) => place)).toEqual(['held', 'held', 'held']);
  expect(arrived()).toBe(0);
});

test('stopped for less than its time, it goes on and sends by the same intent', async () => {
  const log = join(rig.directory, 'steps.log');
  const process = start({
    KILL_TEST_POINT: 'deliver send',
    KILL_TEST_NTH: '3',
    KILL_TEST_SIGNAL: 'SIGSTOP',
    KILL_TEST_LOG: log,
  });
  await rig.gateway
    .partner('ACME')
    .send({ messageId: '<1@acme>', subject: 'Order', attachments: [purchaseOrder(12)] });
  await until('it stands before the submit', async () =>
    (await readFile(log, 'utf8').catch(() => '')).split('deliver send').length > 3 ? true : undefined,
  );
  process.signal('SIGCONT');
  await rig.done(1);
  expect((await events()).filter((type) => type === 'intended')).toHaveLength(1);
  expect(arrived()).toBe(1);
});

test('stopped with the answer under way, past its time: found at the gateway and adopted, not sent again', async () => {
  const process = start();
  let stopped = false;
  rig.gateway.onCall(({ operation, phase }) => {
    if (operation !== 'POST /message/submit' || phase !== 'answered' || stopped) return;
    stopped = true;
    process.signal('SIGSTOP');
  });
  await rig.gateway
    .partner('ACME')
    .send({ messageId: '<1@acme>', subject: 'Order', attachments: [purchaseOrder(12)] });
  await until('it was stopped', () => (stopped ? true : undefined));
  await sleep(sendWithinMs + 400);
  process.signal('SIGCONT');
  const [message] = await rig.done(1);
  expect(message!.deliveries[0]!.state).toBe('delivered');
  expect(submits()).toBe(1);
  expect(arrived()).toBe(1);
});
