/**
 * The main job with custody in a bucket, by configuration alone: through kills of the bridge and a store that is busy,
 * cuts and loses answers, everything comes to its place once, and what is in the bucket tells nothing.
 */
import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { BridgeProcess } from './rig/bridge-process';
import { startBridgeProcess } from './rig/bridge-process';
import type { BucketFault } from './rig/bucket/bucket-fault';
import { mirrorBucket } from './rig/bucket/mirror-bucket';
import type { TestBucket } from './rig/bucket/start-bucket';
import { startBucket } from './rig/bucket/start-bucket';
import type { BuiltBridge } from './rig/build-bridge';
import { buildBridge } from './rig/build-bridge';
import { openFaultRig } from './rig/fault-rig';
import type { Rig } from './rig/open-rig';
import { openRig } from './rig/open-rig';
import { eicar, noise, purchaseOrder, scriptedSvg, threeFiles } from './rig/partner-samples';
import { describeProgress, isDone, readProgress } from './rig/progress';
import { takeStock } from './rig/take-stock';
import { until } from './rig/until';

jest.setTimeout(300_000);

let built: BuiltBridge;
let bucket: TestBucket;
let rig: Rig;
let bridge: BridgeProcess | undefined;

beforeAll(async () => {
  [built, bucket] = await Promise.all([buildBridge(), startBucket()]);
  rig = await openRig({ changes: { custody: { bucket: bucket.section }, env: bucket.env } });
});
afterAll(async () => {
  bridge?.signal('SIGKILL');
  await bridge?.end;
  bucket.onRequest(() => undefined);
  await rig.close();
  await bucket.close();
  await built.remove();
});

function start(): BridgeProcess {
  const { file, env } = rig.config;
  bridge = startBridgeProcess({ script: built.script, configFile: file, env });
  return bridge;
}

async function command(...args: readonly string[]): Promise<string> {
  const { file, env } = rig.config;
  const options = { env: { PATH: process.env['PATH'] ?? '', ...env } };
  const run = promisify(execFile)(process.execPath, [built.script, ...args, '--config', file], options);
  const { stdout, stderr } = await run.catch((error: unknown) => error as { stdout: string; stderr: string });
  return stdout + stderr;
}

const rounds = 2;
/** Larger than a part of an upload. */
const drawing = noise('drawing.tiff', 9 * 1024 * 1024);

async function sendRound(round: number): Promise<void> {
  const acme = rig.gateway.partner('ACME');
  const globex = rig.gateway.partner('GLOBEX');
  const id = (name: string): string => `<${name}-${String(round)}@acme.example>`;
  await acme.send({ messageId: id('order'), attachments: [purchaseOrder(round + 1)] });
  await acme.send({ messageId: id('three'), attachments: threeFiles() });
  await acme.send({ messageId: id('eicar'), attachments: [eicar()] });
  await acme.send({ messageId: id('svg'), attachments: [scriptedSvg()] });
  const scan = round === 0 ? drawing : noise(`scan-${String(round)}.tiff`, 30_000);
  await globex.send({ messageId: id('scan'), attachments: [scan] });
}

/** One request in seven goes wrong. */
function disturb(): void {
  const faults: readonly BucketFault[] = [
    { kind: 'answer', status: 503, code: 'SlowDown' },
    { kind: 'answer', status: 500, code: 'InternalError' },
    { kind: 'cut' },
    { kind: 'lost' },
    { kind: 'half' },
  ];
  let count = 0;
  bucket.onRequest(() => {
    count += 1;
    return count % 7 === 0 ? faults[Math.floor(count / 7) % faults.length] : undefined;
  });
}

test('killed bridges and a store that fails: everything comes to its place once', async () => {
  disturb();
  start();
  for (let round = 0; round < rounds; round += 1) {
    await bridge?.url;
    await sendRound(round);
    await until(
      'some of it is taken, and the rest is under way',
      async () => (await readProgress(rig.config.ledgerFile)).messages.length > round * 5 || undefined,
      { withinMs: 60_000, everyMs: 20 },
    );
    bridge?.signal('SIGKILL');
    await bridge?.end;
    start();
  }
  const count = rounds * 5;
  await until(
    'everything is settled',
    async () => (isDone(await readProgress(rig.config.ledgerFile), count) ? true : undefined),
    {
      withinMs: 120_000,
      everyMs: 250,
      facts: async () => describeProgress(await readProgress(rig.config.ledgerFile), bridge?.lines),
    },
  );
  bucket.onRequest(() => undefined);

  const doctor = await command('doctor', '--no-self-test');
  expect(doctor).toMatch(/bucket custody at http:\/\/127\.0\.0\.1.*does all that custody asks of it/);
  expect(doctor).toMatch(/belongs to this ledger/);
  expect(await command('ledger', 'verify')).toMatch(/^ok: 10 messages/);
  bridge?.signal('SIGTERM');
  expect(await bridge?.end).toEqual({ code: 0, signal: null });

  const stored = await mirrorBucket(bucket, rig.config.custodyDirectory);
  const stock = await takeStock(rig);
  expect(stock).toMatchObject({ withoutEvidence: [], unread: [], staged: [], due: {}, brokenChains: [] });
  // What a killed bridge had deposited and not written down stays until it is a day old.
  expect(stored.length - stock.orphans.length).toBeGreaterThanOrEqual(rounds * 7);
  expect(stock.ledger.filter((line) => line.includes(': forwarded'))).toHaveLength(rounds * 4);
  expect(stock.ledger.filter((line) => line.includes(': quarantined'))).toHaveLength(rounds);
  expect(stock.folder).toHaveLength(rounds);
  const orders = stock.arrived.filter((line) => line.startsWith('order.x12'));
  expect(new Set(orders).size).toBe(rounds);
  expect(stock.arrived).toHaveLength(rounds * 3);

  const names = await readdir(bucket.directory, { recursive: true });
  expect(names.join('\n')).not.toMatch(/order|drawing|acme|globex/i);
  const [some = ''] = stored;
  const sealed = await readFile(join(bucket.directory, `test/objects/${some}._S3rver_object`));
  expect(sealed.subarray(0, 4).toString()).toBe('MFTB');
});

test('another ledger on the same bucket and prefix is refused, before it takes anything', async () => {
  const other = await openRig({ changes: { custody: { bucket: bucket.section }, env: bucket.env } });
  try {
    const { file, env } = other.config;
    await other.gateway.partner('ACME').send({ messageId: '<1@acme>', attachments: [purchaseOrder(1)] });
    const second = startBridgeProcess({ script: built.script, configFile: file, env });
    expect((await second.end).code).not.toBe(0);
    expect(second.lines.join('\n')).toMatch(/bucket custody at .* belongs to an existing ledger/);
    expect(await other.unread()).toEqual(['<1@acme>']);
  } finally {
    await other.close();
  }
});

test('while the store is away intake pauses and says why; no try is counted, and it goes on by itself', async () => {
  const section = { ...bucket.section, prefix: 'away/' };
  const other = await openFaultRig({ changes: { custody: { bucket: section }, env: bucket.env } });
  try {
    const running = await other.start();
    bucket.onRequest(() => ({ kind: 'answer', status: 503, code: 'SlowDown' }));
    await other.gateway.partner('ACME').send({ messageId: '<1@acme>', attachments: [purchaseOrder(1)] });
    const reason = await until(
      'intake is paused',
      async () => (await running.ready()).reasons.find(({ part }) => part === 'intake')?.reason,
      { withinMs: 60_000 },
    );
    expect(reason).toMatch(
      /^custody: Storing an object in bucket custody failed .*the store is away or busy/,
    );
    expect(await other.unread()).toEqual(['<1@acme>']);
    expect(await other.intakeFailures()).toEqual([]);
    bucket.onRequest(() => undefined);
    const [message] = await other.done(1);
    expect(message?.obligations.map(({ place }) => place)).toEqual(['delivered']);
    expect((await running.ready()).reasons.filter(({ part }) => part === 'intake')).toEqual([]);
  } finally {
    bucket.onRequest(() => undefined);
    await other.close();
  }
});
