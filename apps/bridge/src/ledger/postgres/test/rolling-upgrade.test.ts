/** Bridges are brought up to date one after the other: the older ones go on beside the first that is newer. */
import { sql } from 'kysely';
import { changing, sampleMessage, taking } from '../../test/sample-message';
import type { Migration } from '../../migration';
import { allMigrations } from '../../migrations/all-migrations';
import { knownVersion } from '../../schema-version';
import { readAddress } from '../postgres-address';
import { openPostgresLedgerReader } from '../postgres-ledger-reader';
import { createPostgresPool } from '../postgres-pool';
import { migratePostgres } from '../postgres-schema';
import { joinMembers } from '../join-members';
import type { TestMember } from './open-member';
import { openMember } from './open-member';
import { newSchema, runSql } from './temporary-postgres-ledger';
import { describeWithPostgres, testServer } from './test-server';

jest.setTimeout(120_000);

/** What a later version may bring: columns in tables that every step reads whole, and a table of its own. */
const additive: Migration = {
  version: knownVersion + 1,
  name: 'of-the-future',
  usableFrom: knownVersion,
  statements: (db) => [
    sql`alter table message add column risk integer not null default 0`.compile(db),
    sql`alter table due add column effort integer not null default 0`.compile(db),
    sql`create table approval (id text primary key)`.compile(db),
  ],
};
const breaking: Migration = {
  version: knownVersion + 1,
  name: 'that-renames',
  statements: (db) => [sql`alter table due rename column why to reason`.compile(db)],
};

const times = { beatMs: 100, leaseMs: 1_000 };

describeWithPostgres('a newer version on the same schema', () => {
  const server = testServer();
  let schema: string;
  let member: TestMember;
  beforeEach(async () => {
    schema = newSchema();
    member = await openMember({ url: server.url, schema, name: 'older', leaseMs: 60_000 });
  });
  afterEach(() => member.ledger.close());

  /** As a bridge of the next version does it at its start. */
  async function upgrade(migration: Migration): Promise<void> {
    const pool = createPostgresPool(readAddress({ url: server.url, tls: 'off', ca: null, schema }), 2);
    try {
      await migratePostgres(pool, { now: () => 0, several: times }, [...allMigrations, migration]);
    } finally {
      await pool.close();
    }
  }

  test('what was only added does not stop the older: it works on in the middle of its steps, and is started anew', async () => {
    const { ledger } = member;
    const sample = sampleMessage('m');
    const limits = { scan: 1, acknowledge: 1 };
    const now = sample.message.takenAt + 1;
    await ledger.commit(taking(sample));
    // On every connection its statements are prepared by now.
    await Promise.all(Array.from({ length: 20 }, () => ledger.messages.load(sample.message.id)));
    const [work] = await ledger.due.claim({ limits, now, leaseMs: 1_000 });
    expect(work).toBeDefined();

    await upgrade(additive);
    await Promise.all(Array.from({ length: 20 }, () => ledger.messages.load(sample.message.id)));
    await ledger.due.postpone(work!, { dueAt: now, why: 'again', failed: false });
    expect(await ledger.due.claim({ limits, now, leaseMs: 1_000 })).not.toHaveLength(0);
    await ledger.commit(changing(sample.message, [{ type: 'acknowledged' }]));
    await ledger.commit(taking(sampleMessage('n')));
    expect((await ledger.messages.list({ limit: 10 })).items).toHaveLength(2);
    expect(member.lost).toEqual([]);

    // The older version again, as one that is restarted before its turn; it undoes nothing.
    await (await openMember({ url: server.url, schema, name: 'older too' })).ledger.close();
    await (await openPostgresLedgerReader({ url: server.url, tls: 'off', ca: null, schema })).close();
    expect(runSql(server.url, schema, 'select max(version) from schema_version').trim()).toBe(
      String(additive.version),
    );
  });

  test('what it could not work with is not done beside it; afterwards it is refused', async () => {
    await expect(upgrade(breaking)).rejects.toThrow(
      /bridge older \(version 1\.0\.0\) cannot work with\. Stop all bridges of this ledger/,
    );
    await member.ledger.commit(taking(sampleMessage('m')));
    await member.ledger.close();
    await upgrade(breaking);
    // As one would join that looked at the schema right before it was changed.
    const pool = createPostgresPool(readAddress({ url: server.url, tls: 'off', ca: null, schema }), 2);
    const candidate = { name: 'late', program: '1', parts: { same: {}, alike: {} }, ...times };
    const tools = { monotonic: () => performance.now(), log: { info: () => undefined } };
    await expect(joinMembers(pool, candidate, tools)).rejects.toThrow(/newer version of the bridge/);
    await pool.close();
    await expect(openMember({ url: server.url, schema })).rejects.toThrow(/newer version of the bridge/);
  });

  test('one that is not heard of is removed before the tables change under it', async () => {
    runSql(server.url, schema, 'delete from member');
    const silent = await openMember({ url: server.url, schema, leaseMs: 1, beatMs: 1_000_000 });
    await upgrade(breaking);
    expect(runSql(server.url, schema, 'select count(*) from member').trim()).toBe('0');
    await expect(silent.ledger.settings.set('key', 'value')).rejects.toThrow(/start it anew/);
    await silent.ledger.close();
  });
});
