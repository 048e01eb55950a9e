/**
 * The main job with its ledger on PostgreSQL, by configuration alone: through kills of the bridge and crashes of the
 * server in the middle of it, everything comes to its place once.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { openPostgresLedgerReader } from '../src/ledger/postgres/postgres-ledger-reader';
import type { PostgresCluster } from '../src/ledger/postgres/test/postgres-cluster';
import { hasPostgres, startPostgresCluster } from '../src/ledger/postgres/test/postgres-cluster';
import type { BridgeProcess } from './rig/bridge-process';
import { startBridgeProcess } from './rig/bridge-process';
import type { BuiltBridge } from './rig/build-bridge';
import { buildBridge } from './rig/build-bridge';
import type { Rig } from './rig/open-rig';
import { openRig } from './rig/open-rig';
import { eicar, noise, purchaseOrder, scriptedSvg, threeFiles } from './rig/partner-samples';
import { describeProgress, isDone } from './rig/progress';
import { takeStock } from './rig/take-stock';
import { until } from './rig/until';

jest.setTimeout(180_000);

(hasPostgres ? describe : describe.skip)('with its ledger on PostgreSQL', () => {
  let built: BuiltBridge;
  let cluster: PostgresCluster;
  let rig: Rig;
  let bridge: BridgeProcess | undefined;

  beforeAll(async () => {
    [built, cluster] = await Promise.all([buildBridge(), startPostgresCluster()]);
    const opened = await openRig({
      changes: {
        ledger: { postgres: { url: { env: 'RIG_LEDGER_URL' }, tls: 'off', singleNode: true } },
        env: { RIG_LEDGER_URL: cluster.url },
      },
    });
    rig = { ...opened, config: { ...opened.config, openReader } };
  });
  afterAll(async () => {
    bridge?.signal('SIGKILL');
    await bridge?.end;
    await rig.close();
    cluster.remove();
    await built.remove();
  });

  const openReader = (): ReturnType<typeof openPostgresLedgerReader> =>
    openPostgresLedgerReader({ url: cluster.url, tls: 'off', ca: null, schema: 'mft_bridge' });

  function start(): BridgeProcess {
    const { file, env } = rig.config;
    bridge = startBridgeProcess({ script: built.script, configFile: file, env });
    return bridge;
  }

  async function command(...args: readonly string[]): Promise<{ stdout: string; stderr: string }> {
    const { file, env } = rig.config;
    return promisify(execFile)(process.execPath, [built.script, ...args, '--config', file], {
      env: { PATH: process.env['PATH'] ?? '', ...env },
    });
  }

  async function progress(): Promise<Parameters<typeof isDone>[0]> {
    const reader = await openReader().catch(() => undefined);
    if (reader === undefined) return { messages: [], due: 0 };
    try {
      const { items } = await reader.messages.list({ limit: 100 });
      const due = Object.values(await reader.due.count()).reduce((sum, count) => sum + count, 0);
      return { messages: items.map(({ message }) => message), due };
    } finally {
      await reader.close();
    }
  }

  const rounds = 6;

  async function sendRound(round: number): Promise<void> {
    const acme = rig.gateway.partner('ACME');
    const id = (name: string): string => `<${name}-${String(round)}@acme.example>`;
    await acme.send({ messageId: id('order'), attachments: [purchaseOrder(round + 1)] });
    await acme.send({ messageId: id('three'), attachments: threeFiles() });
    await acme.send({ messageId: id('eicar'), attachments: [eicar()] });
    await acme.send({ messageId: id('svg'), attachments: [scriptedSvg()] });
    await rig.gateway.partner('GLOBEX').send({
      messageId: `<scan-${String(round)}@globex.example>`,
      attachments: [noise(`scan-${String(round)}.tiff`, 30_000)],
    });
  }

  test('killed bridges and crashed servers: everything comes to its place once', async () => {
    start();
    await bridge?.url;
    for (let round = 0; round < rounds; round += 1) {
      await sendRound(round);
      await new Promise((resolve) => setTimeout(resolve, 120 + round * 70));
      if (round % 2 === 0) {
        bridge?.signal('SIGKILL');
        await bridge?.end;
        start();
      } else {
        // A bridge that finds no server at its start ends, for whoever watches it to start it again; here nobody does.
        await bridge?.url;
        cluster.stop('immediate');
        cluster.start();
      }
    }
    const count = rounds * 5;
    await until('everything is settled', async () => (isDone(await progress(), count) ? true : undefined), {
      withinMs: 90_000,
      everyMs: 250,
      facts: async () => describeProgress(await progress(), bridge?.lines),
    });

    const listed = await command('message', 'ls', '--json');
    expect(listed.stdout.trim().split('\n')).toHaveLength(count);
    const doctor = await command('doctor').catch((error: unknown) => error as { stdout: string });
    expect(doctor.stdout).toMatch(/PostgreSQL, schema mft_bridge, can be read/);
    const second = await command('start').catch(
      (error: unknown) => error as { stdout: string; stderr: string },
    );
    expect(`${second.stdout}${second.stderr}`).toMatch(
      /The data directory .* is in use: another bridge runs in it/,
    );

    bridge?.signal('SIGTERM');
    expect(await bridge?.end).toEqual({ code: 0, signal: null });
    const stock = await takeStock(rig);
    expect(stock).toMatchObject({
      withoutEvidence: [],
      unread: [],
      orphans: [],
      staged: [],
      due: {},
      brokenChains: [],
    });
    expect(stock.ledger).toHaveLength(count);
    expect(stock.ledger.filter((line) => line.includes(': forwarded'))).toHaveLength(rounds * 4);
    expect(stock.ledger.filter((line) => line.includes(': quarantined'))).toHaveLength(rounds);
    expect(stock.folder).toHaveLength(rounds);
    // Orders differ from round to round: none came twice, none is missing.
    const orders = stock.arrived.filter((line) => line.startsWith('order.x12'));
    expect(new Set(orders).size).toBe(rounds);
    expect(stock.arrived).toHaveLength(rounds * 3);
  });
});
