import type { Message } from '../domain/message';
import { openPostgresLedger } from './postgres/postgres-ledger';
import type { PostgresTarget } from './postgres/postgres-address';
import { newSchema, runSql } from './postgres/test/temporary-postgres-ledger';
import { describeWithPostgres, testServer } from './postgres/test/test-server';
import { markPostgresRestored } from './restore-postgres-ledger';
import { changing, forwarded, sampleMessage, taking, weighed } from './test/sample-message';
import { verifyPostgresLedger } from './verify/verify-postgres-ledger';

jest.setTimeout(120_000);

const now = (): number => 50_000;

describeWithPostgres('a ledger on PostgreSQL that was brought back', () => {
  const server = testServer();
  let target: PostgresTarget;

  beforeEach(() => {
    target = { url: server.url, tls: 'off', ca: null, schema: newSchema() };
  });
  afterEach(() => {
    runSql(
      server.url,
      'public',
      `set client_min_messages = warning; drop schema if exists ${target.schema} cascade`,
    );
  });

  type Opened = Awaited<ReturnType<typeof openPostgresLedger>>['ledger'];

  async function withLedger<Result>(body: (ledger: Opened) => Promise<Result>): Promise<Result> {
    const { ledger } = await openPostgresLedger({ ...target, now });
    try {
      return await body(ledger);
    } finally {
      await ledger.close();
    }
  }

  async function happen(
    ledger: Opened,
    before: Message,
    ...events: Parameters<typeof changing>[1]
  ): Promise<Message> {
    const change = changing(before, events);
    await ledger.commit(change);
    return change.after;
  }

  /** One message in each state: waiting for its scan, intended to be sent, delivered, observed. */
  async function fill(ledger: Opened): Promise<void> {
    await ledger.commit(taking(sampleMessage('scanning')));
    for (const name of ['sending', 'delivered']) {
      const { message, ...rest } = sampleMessage(name);
      await ledger.commit(taking({ message, ...rest }));
      const scanned = await happen(
        ledger,
        message,
        ...message.attachments.map(({ id }) => weighed(message, id)),
      );
      const decided = await happen(ledger, scanned, forwarded(scanned));
      const deliveryId = decided.deliveries[0]!.id;
      const sent = await happen(ledger, decided, { type: 'intended', deliveryId, at: 5, sendBy: 900_000 });
      if (name === 'sending') continue;
      await happen(
        ledger,
        await happen(ledger, sent, { type: 'submitted', deliveryId, remoteId: '<x@hub>' }),
        { type: 'delivered', deliveryId, proof: 'mdn' },
      );
    }
    await ledger.commands.ask({
      id: 'c'.repeat(32),
      kind: 'replay',
      messageId: sampleMessage('scanning').message.id,
      argument: {},
      actor: 'somebody',
      askedAt: 7,
    });
  }

  test('what was not finished is held and searched for; what was done stays done', async () => {
    await withLedger(fill);
    expect(await markPostgresRestored(target, now)).toEqual({ held: 2, searched: 1 });
    await withLedger(async (ledger) => {
      expect(await ledger.messages.countByState()).toEqual({ held: 2, forwarded: 1 });
      expect(JSON.parse((await ledger.settings.get('after-restore')) ?? '')).toEqual({ at: 50_000 });
      const { scan, decide, deliver, confirm, command, reconcile } = await ledger.due.count();
      expect({ scan, decide, deliver, confirm, command, reconcile }).toEqual({ reconcile: 1 });
      expect((await ledger.commands.find('c'.repeat(32)))?.outcome).toEqual({
        done: false,
        text: expect.stringContaining('was restored from a backup meanwhile'),
      });
    });
    const found: string[] = [];
    await verifyPostgresLedger(target, { now, onFinding: ({ problem }) => void found.push(problem) });
    expect(found).toEqual([]);
    // Said twice it changes nothing that was held.
    expect(await markPostgresRestored(target, now)).toEqual({ held: 0, searched: 0 });
  });

  test('it is all of it or nothing', async () => {
    await withLedger(fill);
    runSql(
      server.url,
      target.schema,
      `create function fail() returns trigger language plpgsql as $$ begin raise exception 'broken off'; end $$;
       create trigger fail before insert or update on setting for each row when (new.key = 'after-restore') execute function fail()`,
    );
    await expect(markPostgresRestored(target, now)).rejects.toThrow();
    runSql(server.url, target.schema, 'drop trigger fail on setting');
    await withLedger(async (ledger) => {
      expect(await ledger.messages.countByState()).toEqual({ scanning: 1, delivering: 1, forwarded: 1 });
      expect((await ledger.due.count()).command).toBe(1);
    });
  });

  test('not while a bridge runs', async () => {
    await withLedger(async (ledger) => {
      await fill(ledger);
      await expect(markPostgresRestored(target, now)).rejects.toThrow(/another bridge writes it/);
    });
    await expect(markPostgresRestored({ ...target, schema: 'nowhere' }, now)).rejects.toThrow(
      /There is no ledger at .* nothing was restored there/,
    );
  });
});
