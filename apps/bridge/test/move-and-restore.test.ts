/**
 * The life of a ledger as those who run it know it: begun in a file, moved to PostgreSQL in the middle of the work, brought
 * back there from a base backup. The partner who receives is the witness: nothing is lost, and nothing comes twice.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Command } from 'commander';
import { registerLedger } from '../src/commands/ledger';
import type { Message } from '../src/domain/message';
import { openPostgresLedgerReader } from '../src/ledger/postgres/postgres-ledger-reader';
import type { PostgresCluster } from '../src/ledger/postgres/test/postgres-cluster';
import { hasPostgres, psql, startPostgresCluster } from '../src/ledger/postgres/test/postgres-cluster';
import type { FaultRig } from './rig/fault-rig';
import { openFaultRig } from './rig/fault-rig';
import { purchaseOrder } from './rig/partner-samples';
import { describeProgress } from './rig/progress';
import type { RunningBridge } from './rig/run-bridge';
import { runBridge } from './rig/run-bridge';
import { until } from './rig/until';

jest.setTimeout(240_000);

(hasPostgres ? describe : describe.skip)('a ledger that is moved, and later brought back', () => {
  let cluster: PostgresCluster;
  let rig: FaultRig;
  let bridge: RunningBridge | undefined;
  let onServer: string;
  let env: Readonly<Record<string, string>>;

  beforeAll(async () => {
    cluster = await startPostgresCluster();
    rig = await openFaultRig({ changes: { intake: { pollInterval: '100ms', sweepInterval: '500ms' } } });
    onServer = join(rig.directory, 'server.yaml');
    const config = JSON.parse(readFileSync(rig.config.file, 'utf8')) as object;
    const ledger = { postgres: { url: { env: 'RIG_LEDGER_URL' }, tls: 'off', singleNode: true } };
    writeFileSync(onServer, JSON.stringify({ ...config, ledger }));
    env = { ...rig.config.env, RIG_LEDGER_URL: cluster.url };
  }, 120_000);
  afterAll(async () => {
    await bridge?.stop(1_000);
    await rig.close();
    cluster.remove();
  });

  const start = async (file: string): Promise<RunningBridge> => {
    bridge = await runBridge({ ...rig.config, file, env });
    return bridge;
  };
  const stop = async (): Promise<void> => {
    await bridge?.stop(5_000);
    bridge = undefined;
  };

  async function run(...args: string[]): Promise<string> {
    let said = '';
    const write = (text: string): void => void (said += text);
    const program = new Command('mft-bridge');
    registerLedger(program, {
      stdout: { write },
      stderr: { write },
      env,
      now: Date.now,
      setExitCode: (code) => void (said += `\nexit ${String(code)}`),
      endWithin: () => undefined,
    });
    await program.parseAsync(['ledger', ...args], { from: 'user' });
    return said;
  }

  let sent = 0;
  async function send(count: number): Promise<void> {
    for (let index = 0; index < count; index += 1) {
      sent += 1;
      await rig.gateway
        .partner('ACME')
        .send({ messageId: `<${String(sent)}@acme>`, attachments: [purchaseOrder(sent)] });
    }
  }

  const arrived = (): readonly string[] =>
    rig.gateway
      .partner('WAREHOUSE')
      .received.map(({ attachments }) => attachments.map(({ sha256 }) => sha256).join())
      .sort();

  async function messagesOnServer(): Promise<readonly Message[]> {
    const reader = await openPostgresLedgerReader({
      url: cluster.url,
      tls: 'off',
      ca: null,
      schema: 'mft_bridge',
    });
    try {
      return (await reader.messages.list({ limit: 100 })).items.map(({ message }) => message);
    } finally {
      await reader.close();
    }
  }

  type Read = () => Promise<readonly Message[]>;
  const places = (messages: readonly Message[], place: string): number =>
    messages.filter(({ obligations }) => obligations.every((one) => one.place === place)).length;
  const reach = (
    what: string,
    read: Read,
    isThere: (messages: readonly Message[]) => boolean,
  ): Promise<unknown> =>
    until(what, async () => (isThere(await read()) ? true : undefined), {
      withinMs: 60_000,
      everyMs: 50,
      facts: async () => describeProgress({ messages: await read(), due: 0 }, bridge?.lines),
    });
  /** Messages come in, and are not scanned. */
  const stopScanner = (): { end(): void } => rig.scannerProxy.play({ call: /./, swallow: true });

  test('moved in the middle of the work: it goes on there, and nothing comes twice', async () => {
    await start(rig.config.file);
    await send(2);
    await reach('two are delivered', rig.messages, (messages) => places(messages, 'delivered') === 2);
    const away = stopScanner();
    await send(3);
    await reach('three wait', rig.messages, (messages) => messages.length === 5);
    await stop();

    const said = await run('migrate', '--config', rig.config.file, '--to', onServer);
    expect(said).toMatch(/The ledger is at 127\.0\.0\.1:.*Counted and compared:\n/);
    expect(said).not.toMatch(/exit/);
    await expect(start(rig.config.file)).rejects.toThrow(/was moved to PostgreSQL at 127\.0\.0\.1/);
    await start(onServer);
    away.end();
    await reach('all five are delivered', messagesOnServer, (all) => places(all, 'delivered') === 5);
    expect(arrived()).toHaveLength(5);
    expect(await run('verify', '--config', onServer)).toMatch(/^ok: 5 messages/);
  });

  /** Of the server as it runs. */
  function backUp(directory: string): void {
    const { uid, gid } = statSync(cluster.directory);
    const own = process.getuid?.() === 0 ? { uid, gid } : {};
    execFileSync(
      join(dirname(psql), 'pg_basebackup'),
      [
        '-D',
        directory,
        '-X',
        'stream',
        '-c',
        'fast',
        '-h',
        '127.0.0.1',
        '-p',
        String(cluster.port),
        '-U',
        'ledger',
      ],
      { ...own, cwd: dirname(cluster.directory), stdio: ['ignore', 'ignore', 'pipe'] },
    );
  }

  test('the server is brought back to a base backup: what may have been sent since is held, and not sent again', async () => {
    const before = sent;
    const away = stopScanner();
    await send(2);
    await reach('two wait', messagesOnServer, (all) => all.length === before + 2);
    const backup = join(dirname(cluster.directory), 'backup');
    backUp(backup);

    // All of this the backup does not know.
    away.end();
    await send(2);
    await reach('all are delivered', messagesOnServer, (all) => places(all, 'delivered') === before + 4);
    const once = arrived();
    expect(once).toHaveLength(before + 4);
    await stop();

    cluster.stop('fast');
    renameSync(cluster.directory, `${cluster.directory}-lost`);
    renameSync(backup, cluster.directory);
    cluster.start();
    expect((await messagesOnServer()).length).toBe(before + 2);
    // Who forgets the mark is stopped by the seals that were exported since.
    await expect(start(onServer)).rejects.toThrow(
      /which this ledger .* does not have: it is an older ledger/,
    );
    expect(await run('after-restore', '--config', onServer)).toMatch(
      /2 messages are held, 0 deliveries are searched for/,
    );
    await start(onServer);
    // Two that the backup knew, and two that only the gateway knows.
    await reach(
      'four are held',
      messagesOnServer,
      (all) => all.length === before + 4 && places(all, 'held') === 4,
    );
    expect(arrived()).toEqual(once);
    expect(await run('verify', '--config', onServer)).toMatch(/^ok: 9 messages/);
  });
});
