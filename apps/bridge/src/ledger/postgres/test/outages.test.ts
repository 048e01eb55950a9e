/** Servers that are killed, connections that are cut, answers that are lost: what was acknowledged is there, once. */
import { until } from '../../../../test/rig/until';
import type { Ledger } from '../../ledger';
import type { LedgerReader } from '../../ledger-reader';
import { changing, sampleMessage, taking } from '../../test/sample-message';
import { openPostgresLedger } from '../postgres-ledger';
import { startCuttingProxy } from './cutting-proxy';
import type { PostgresCluster } from './postgres-cluster';
import { hasPostgres, startPostgresCluster } from './postgres-cluster';
import { newSchema, runSql } from './temporary-postgres-ledger';

jest.setTimeout(240_000);

(hasPostgres ? describe : describe.skip)('a server of its own', () => {
  let cluster: PostgresCluster;
  let schema: string;
  let ledger: Ledger & Pick<LedgerReader, 'audit'>;
  let lost: Error[];

  beforeAll(async () => {
    cluster = await startPostgresCluster();
  }, 180_000);
  afterAll(() => cluster.remove());
  beforeEach(() => {
    schema = newSchema();
    lost = [];
  });
  afterEach(() => ledger.close());

  async function open(url = cluster.url, undecidedMs?: number): Promise<void> {
    const target = { url, tls: 'off', ca: null, schema } as const;
    const onLost = (error: Error): void => void lost.push(error);
    ({ ledger } = await openPostgresLedger({
      ...target,
      now: () => 1_000,
      onLost,
      ...(undecidedMs === undefined ? {} : { undecidedMs }),
    }));
  }

  /** Stores messages and changes each, several at a time; answers with what was acknowledged. */
  async function work(count: number): Promise<readonly string[]> {
    const ids: string[] = [];
    const numbers = Array.from({ length: count }, (_, index) => index)[Symbol.iterator]();
    const lane = async (): Promise<void> => {
      for (const number of numbers) {
        const sample = sampleMessage(`m${String(number)}`);
        await ledger.commit(taking(sample));
        await ledger.commit(changing(sample.message, [{ type: 'acknowledged' }]));
        ids.push(sample.message.id);
      }
    };
    await Promise.all(Array.from({ length: 6 }, lane));
    return ids;
  }

  async function verify(ids: readonly string[], count: number): Promise<void> {
    expect(new Set(ids).size).toBe(count);
    for (const id of ids) {
      expect(await ledger.audit.verify(id)).toMatchObject({ whole: true, head: { sequence: 2 } });
      expect((await ledger.messages.load(id))?.revision).toBe(1);
    }
    expect(lost).toEqual([]);
  }

  test('killed and started again in the middle, it goes on by itself', async () => {
    await open();
    const done = work(150);
    for (let round = 0; round < 2; round += 1) {
      await new Promise((resolve) => setTimeout(resolve, 150));
      cluster.stop('immediate');
      cluster.start();
    }
    await verify(await done, 150);
  });

  test('connections that are cut again and again cost time only, the one that holds the lock among them', async () => {
    await open();
    let working = true;
    const done = work(150).finally(() => (working = false));
    const cut = async (): Promise<void> => {
      for (let rounds = 0; working && rounds < 8; rounds += 1) {
        runSql(
          cluster.url,
          schema,
          `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'mft-bridge'`,
        );
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    };
    await cut();
    await verify(await done, 150);
  });

  test('a COMMIT whose answer was lost is asked about: done once, whichever it was', async () => {
    const proxy = await startCuttingProxy(cluster.port);
    try {
      await open(cluster.url.replace(`:${String(cluster.port)}/`, `:${String(proxy.port)}/`));
      for (let count = 0; count < 20; count += 1) proxy.plan.push(count % 3 === 0 ? 'before' : 'answer');
      await verify(await work(40), 40);
      expect(proxy.cuts()).toBe(20);
    } finally {
      await ledger.close();
      await proxy.close();
    }
  });

  test('while it is away nothing is written, and a sentence says so; then work goes on', async () => {
    await open();
    const { message } = sampleMessage('m');
    await ledger.commit(taking(sampleMessage('m')));
    cluster.stop('fast');
    try {
      await expect(ledger.commit(changing(message, [{ type: 'acknowledged' }]))).rejects.toThrow(
        /The connection to PostgreSQL at .* broke or could not be made .*nothing of this was kept.*goes on by itself/,
      );
      await expect(ledger.settings.get('key')).rejects.toThrow(/could not be made/);
    } finally {
      cluster.start();
    }
    await ledger.commit(changing(message, [{ type: 'acknowledged' }]));
  });

  test('a second bridge is refused; after the first has ended it may', async () => {
    await open();
    const target = { url: cluster.url, tls: 'off', ca: null, schema, now: () => 0 } as const;
    await expect(openPostgresLedger(target)).rejects.toThrow(
      /is in use: another bridge writes it\. Stop that one/,
    );
    // Another schema is another ledger.
    const elsewhere = await openPostgresLedger({ ...target, schema: newSchema() });
    await elsewhere.ledger.close();
    await ledger.close();
    await open();
  });

  test('one that was taken over writes nothing more, and says so', async () => {
    await open();
    const sample = sampleMessage('m');
    await ledger.commit(taking(sample));
    runSql(cluster.url, schema, `update setting set value = 'somebody else' where key = 'writer'`);
    const change = changing(sample.message, [{ type: 'acknowledged' }]);
    await expect(ledger.commit(change)).rejects.toThrow(/Another bridge has taken over the ledger/);
    expect(lost).toHaveLength(1);
    expect(await ledger.messages.load(sample.message.id)).toEqual(sample.message);
  });

  describe('with a standby that is away', () => {
    const change = (sql: string): string => runSql(cluster.url, 'public', sql).trim();
    const standbys = (names: string): void => {
      change(`alter system set synchronous_standby_names = '${names}'`);
      change('select pg_reload_conf()');
    };
    /** Processes of the server whose COMMIT waits for a standby. */
    const waiting = (): readonly string[] =>
      change(`select pid from pg_stat_activity where wait_event = 'SyncRep'`).split('\n').filter(Boolean);
    const isWaitingBeside = (pid: string): Promise<true> =>
      until('another waits', () => (waiting().some((other) => other !== pid) ? true : undefined), {
        withinMs: 60_000,
      });
    const someWait = (): Promise<string> => until('one waits', () => waiting()[0], { withinMs: 60_000 });
    afterEach(() => standbys(''));

    test.each(['cancel', 'terminate'])(
      'a COMMIT whose wait somebody ends (%s) counts when the standby has it, and no earlier',
      async (how) => {
        await open();
        standbys('nobody');
        let isDone = false;
        const written = ledger.settings.set('key', 'value').then(() => (isDone = true));
        const pid = await someWait();
        change(`select pg_${how}_backend(${pid})`);
        await isWaitingBeside(pid);
        expect(isDone).toBe(false);
        standbys('');
        await written;
        expect(await ledger.settings.get('key')).toBe('value');
        expect(lost).toEqual([]);
      },
    );

    test('where nobody can tell for too long, nothing more is written, and a sentence says so', async () => {
      await open(cluster.url, 500);
      standbys('nobody');
      let isOver = false;
      const written = ledger.settings.set('key', 'value').finally(() => (isOver = true));
      written.catch(() => undefined);
      await until(
        'nobody can tell',
        () => {
          for (const pid of waiting()) change(`select pg_cancel_backend(${pid})`);
          return isOver ? true : undefined;
        },
        { withinMs: 120_000 },
      );
      await expect(written).rejects.toThrow(/nobody knows whether it was written.*must be started again/);
      expect(lost.map(({ message }) => message)).toEqual([expect.stringMatching(/nobody knows/)]);
      await expect(ledger.settings.set('key', 'other')).rejects.toThrow(/nobody knows/);
      standbys('');
    });
  });
});
