/** A full disk stops intake, says why, loses nothing, and is forgotten as soon as there is room again. */
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { mkdirSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FaultRig } from './rig/fault-rig';
import { openFaultRig } from './rig/fault-rig';
import { noise, purchaseOrder } from './rig/partner-samples';
import type { RunningBridge } from './rig/run-bridge';
import { takeStock } from './rig/take-stock';
import { until } from './rig/until';

jest.setTimeout(180_000);

const mebibyte = 1024 * 1024;

async function untilPaused(bridge: RunningBridge): Promise<string> {
  return until('intake is paused', async () => {
    const { status, reasons } = await bridge.ready();
    const intake = reasons.find(({ part }) => part === 'intake');
    return status === 503 ? intake?.reason : undefined;
  });
}

const untilReady = (bridge: RunningBridge): Promise<true> =>
  until('ready', async () => ((await bridge.ready()).status === 200 ? true : undefined));

test('more reserve asked for than the disk has: nothing is taken, nothing marked, and the reason is readable', async () => {
  const { bavail, bsize } = statfsSync(tmpdir());
  const rig = await openFaultRig({ changes: { custody: { minFreeBytes: bavail * bsize * 2 } } });
  try {
    await rig.gateway.partner('ACME').send({ messageId: '<1@acme>', attachments: [purchaseOrder(1)] });
    const bridge = await rig.start();
    expect(await untilPaused(bridge)).toMatch(/disk full.*custody\.minFreeBytes/);
    expect(await rig.unread()).toEqual(['<1@acme>']);
    expect(await rig.messages()).toEqual([]);
    expect(rig.gateway.calls['GET /message/inbox/{id}']).toBeUndefined();
  } finally {
    await rig.close();
  }
});

describe('on a small disk', () => {
  let mount: string;
  let isMounted = false;
  let rig: FaultRig | undefined;

  beforeEach(async () => {
    mount = await mkdtemp(join(tmpdir(), 'small-disk-'));
    isMounted =
      process.platform === 'linux' &&
      spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=40m', 'tmpfs', mount]).status === 0;
    if (!isMounted) console.warn('skipped: a small tmpfs cannot be mounted here (not root)');
    mkdirSync(join(mount, 'custody'));
  });

  afterEach(async () => {
    await rig?.close();
    rig = undefined;
    if (isMounted) spawnSync('umount', [mount]);
    await rm(mount, { recursive: true, force: true });
  });

  async function start(minFreeBytes: number): Promise<{ rig: FaultRig; bridge: RunningBridge }> {
    rig = await openFaultRig({ changes: { custody: { directory: join(mount, 'custody'), minFreeBytes } } });
    return { rig, bridge: await rig.start() };
  }

  test('at the reserve: paused before anything is asked for; what is in custody goes its way; then it goes on', async () => {
    if (!isMounted) return;
    const { rig: open, bridge } = await start(10 * mebibyte);
    const acme = open.gateway.partner('ACME');
    await acme.send({ messageId: '<1@acme>', attachments: [purchaseOrder(1)] });
    await open.done(1);
    const filler = join(mount, 'filler');
    await writeFile(filler, Buffer.alloc(33 * mebibyte));
    expect(await untilPaused(bridge)).toMatch(/disk full/);
    await acme.send({ messageId: '<2@acme>', attachments: [purchaseOrder(2)] });
    await until('a few rounds', rounds(open, 0));
    expect(await open.unread()).toEqual(['<2@acme>']);
    await rm(filler);
    await open.done(2);
    expect(await open.unread()).toEqual([]);
    await untilReady(bridge);
    expect(open.gateway.partner('WAREHOUSE').received).toHaveLength(2);
  });

  test.each([
    ['its size is known before', false],
    ['its size shows while it comes', true],
  ])(
    'a message does not fit (%s): unread, red all the time, nothing half stays; with more room it goes on',
    async (_name, chunked) => {
      if (!isMounted) return;
      const { rig: open, bridge } = await start(0);
      if (chunked) hideSizes(open);
      await open.gateway
        .partner('GLOBEX')
        .send({ messageId: '<big@globex>', attachments: [noise('scan.tiff', 60 * mebibyte)] });
      const reason = await untilPaused(bridge);
      expect(reason).toMatch(
        chunked ? /The disk of .* is full/ : /"scan.tiff" has 62914560 bytes.*Free some space/,
      );
      // Not red and green by turns while it is tried again.
      const looks: number[] = [];
      await until('a few rounds', async () => {
        looks.push((await bridge.ready()).status);
        return looks.length >= 30 ? true : undefined;
      });
      expect(new Set(looks)).toEqual(new Set([503]));
      expect(await open.unread()).toEqual(['<big@globex>']);
      expect(await open.messages()).toEqual([]);
      expect(await open.intakeFailures()).toEqual([]);

      expect(spawnSync('mount', ['-o', 'remount,size=100m', mount]).status).toBe(0);
      await open.done(1);
      await untilReady(bridge);
      await bridge.stop(5_000);
      const custodyDirectory = join(mount, 'custody');
      const stock = await takeStock({ ...open, config: { ...open.config, custodyDirectory } });
      expect(stock).toMatchObject({ orphans: [], unread: [], withoutEvidence: [], due: {} });
      expect(stock.folder).toHaveLength(1);
    },
  );

  /** Addresses lead to a server that sends without a Content-Length. */
  function hideSizes({ gatewayProxy, gateway, filesProxy }: FaultRig): void {
    gatewayProxy.play({
      call: /\/attachments/,
      rewrite: ({ body }) => ({
        body: Buffer.from(body.toString().replaceAll(gateway.filesUrl, filesProxy.url)),
      }),
    });
    filesProxy.play({ call: /./, hideSize: true });
  }

  function rounds({ gateway }: FaultRig, more: number): () => true | undefined {
    const before = gateway.calls['GET /message/inbox'] ?? 0;
    const end = Date.now() + 500;
    return () =>
      Date.now() > end && (gateway.calls['GET /message/inbox'] ?? 0) >= before + more ? true : undefined;
  }
});
