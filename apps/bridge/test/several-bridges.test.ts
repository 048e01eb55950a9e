/**
 * Three bridges on one ledger and one custody: one is killed, another is stopped past its lease and goes on. Nothing is lost,
 * and nothing arrives twice.
 */
import { openPostgresLedgerReader } from '../src/ledger/postgres/postgres-ledger-reader';
import type { PostgresCluster } from '../src/ledger/postgres/test/postgres-cluster';
import { hasPostgres, startPostgresCluster } from '../src/ledger/postgres/test/postgres-cluster';
import type { BuiltBridge } from './rig/build-bridge';
import { buildBridge } from './rig/build-bridge';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Rig } from './rig/open-rig';
import { openRig } from './rig/open-rig';
import { noise, purchaseOrder } from './rig/partner-samples';
import { describeProgress, isDone } from './rig/progress';
import type { SeveralBridges } from './rig/several-bridges';
import { severalBridges } from './rig/several-bridges';
import { takeStock } from './rig/take-stock';
import { until } from './rig/until';

jest.setTimeout(180_000);

const lease = 2_000;

(hasPostgres ? describe : describe.skip)('three bridges on one ledger', () => {
  let built: BuiltBridge;
  let cluster: PostgresCluster;
  let rig: Rig;
  let bridges: SeveralBridges;

  beforeAll(async () => {
    [built, cluster] = await Promise.all([buildBridge(), startPostgresCluster()]);
    const opened = await openRig({
      changes: {
        ledger: {
          postgres: {
            url: { env: 'RIG_LEDGER_URL' },
            tls: 'off',
            beat: '300ms',
            lease: `${String(lease)}ms`,
          },
        },
        // What is not found is sent again, so a search that comes too early would make two of it.
        delivery: { sendWithin: '3s' },
        env: { RIG_LEDGER_URL: cluster.url },
      },
    });
    rig = {
      ...opened,
      config: { ...opened.config, openReader, custodyDirectory: `${opened.directory}/custody` },
    };
    bridges = await severalBridges(rig, { script: built.script, count: 3 });
  });
  afterAll(async () => {
    for (const bridge of bridges.running.values()) {
      bridge.signal('SIGKILL');
      await bridge.end;
    }
    await rig.close();
    cluster.remove();
    await built.remove();
  });

  const openReader = (): ReturnType<typeof openPostgresLedgerReader> =>
    openPostgresLedgerReader({ url: cluster.url, tls: 'off', ca: null, schema: 'mft_bridge' });

  async function progress(): Promise<Parameters<typeof isDone>[0]> {
    const reader = await openReader();
    try {
      const { items } = await reader.messages.list({ limit: 100 });
      const due = Object.values(await reader.due.count()).reduce((sum, count) => sum + count, 0);
      return { messages: items.map(({ message }) => message), due };
    } finally {
      await reader.close();
    }
  }

  async function send(from: number, count: number): Promise<void> {
    for (let number = from; number < from + count; number += 1) {
      const name = String(number);
      await (number % 2 === 0
        ? rig.gateway.partner('ACME').send({
            messageId: `<order-${name}@acme.example>`,
            attachments: [purchaseOrder(number + 1)],
          })
        : rig.gateway.partner('GLOBEX').send({
            messageId: `<scan-${name}@globex.example>`,
            attachments: [noise(`scan-${name}.tiff`, 30_000)],
          }));
    }
  }

  test('one killed, one stopped past its lease: all comes to its place once', async () => {
    const first = bridges.start(1);
    await first.url;
    const [second, third] = [bridges.start(2), bridges.start(3)];
    await Promise.all([second.url, third.url]);
    // The same configuration once more on one machine, by mistake.
    const twin = bridges.twin(1);
    expect(await twin.end).toEqual({ code: 1, signal: null });
    expect(twin.lines.join('\n')).toMatch(/The data directory .* is in use: another bridge runs in it/);
    await send(0, 14);
    const loaded = await until('some are on their way', async () => {
      const { messages } = await progress();
      return messages.length >= 4 ? messages.length : undefined;
    });
    expect(loaded).toBeGreaterThan(0);
    first.signal('SIGKILL');
    await first.end;
    await send(14, 13);
    second.signal('SIGSTOP');
    await send(27, 13);
    // The second may have removed the first before it was stopped.
    await until('both are removed', () => {
      const removed = (peer: string, lines: readonly string[]): boolean =>
        lines.some((line) => line.includes(`"peer":"${peer}"`) && line.includes('was removed'));
      return removed('bridge-1', [...second.lines, ...third.lines]) && removed('bridge-2', third.lines)
        ? true
        : undefined;
    });
    expect(third.lines.every((line) => line.includes('"member":"bridge-3"'))).toBe(true);
    second.signal('SIGCONT');
    expect(await second.end).toEqual({ code: 1, signal: null });
    expect(second.lines.join('\n')).toMatch(/does not count as one of the ledger .*It ends; start it anew/);
    await Promise.all([bridges.start(1).url, bridges.start(2).url]);

    const count = 40;
    await until('everything is settled', async () => (isDone(await progress(), count) ? true : undefined), {
      withinMs: 90_000,
      everyMs: 250,
      facts: async () =>
        describeProgress(
          await progress(),
          [...bridges.running.values()].flatMap(({ lines }) => lines.slice(-20)),
        ),
    });
    for (const bridge of bridges.running.values()) bridge.signal('SIGTERM');
    for (const bridge of bridges.running.values())
      expect(await bridge.end).toEqual({ code: 0, signal: null });

    const stock = await takeStock(rig);
    expect(stock).toMatchObject({
      withoutEvidence: [],
      unread: [],
      due: {},
      brokenChains: [],
      intakeFailures: [],
    });
    expect(stock.ledger).toHaveLength(count);
    expect(stock.ledger.filter((line) => line.includes(': forwarded'))).toHaveLength(count);
    expect(stock.folder).toHaveLength(count / 2);
    expect(stock.arrived).toHaveLength(count / 2);
    expect(new Set(stock.arrived).size).toBe(count / 2);
  });

  test('stopped right before a submit, past its lease and its time for sending: another sends, and it does not', async () => {
    const log = join(rig.directory, 'steps.log');
    const submits = (): number => rig.gateway.calls['POST /message/submit'] ?? 0;
    const before = { submits: submits(), arrived: rig.gateway.partner('WAREHOUSE').received.length };
    const stopped = bridges.start(1, {
      KILL_TEST_POINT: 'deliver send',
      KILL_TEST_NTH: '3',
      KILL_TEST_SIGNAL: 'SIGSTOP',
      KILL_TEST_LOG: log,
    });
    await stopped.url;
    await rig.gateway
      .partner('ACME')
      .send({ messageId: '<stopped@acme.example>', attachments: [purchaseOrder(99)] });
    await until('it stands before the submit', async () =>
      (await readFile(log, 'utf8').catch(() => '')).split('deliver send').length > 3 ? true : undefined,
    );
    const other = bridges.start(2);
    await other.said('a bridge that was not heard of any more was removed');
    await until('another has sent it', () => (submits() === before.submits + 1 ? true : undefined));
    stopped.signal('SIGCONT');
    expect(await stopped.end).toEqual({ code: 1, signal: null });
    await until('it is done', async () => (isDone(await progress(), 41) ? true : undefined));
    other.signal('SIGTERM');
    expect(await other.end).toEqual({ code: 0, signal: null });
    expect(submits()).toBe(before.submits + 1);
    expect(rig.gateway.partner('WAREHOUSE').received).toHaveLength(before.arrived + 1);
  });
});
