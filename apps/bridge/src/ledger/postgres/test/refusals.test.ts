/** What is refused before anything is taken, each with a sentence that says what to do. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PostgresTarget } from '../postgres-address';
import { readAddress } from '../postgres-address';
import { openPostgresLedger } from '../postgres-ledger';
import { openPostgresLedgerReader } from '../postgres-ledger-reader';
import { until } from '../../../../test/rig/until';
import { openMember } from './open-member';
import type { PostgresCluster } from './postgres-cluster';
import { hasPostgres, startPostgresCluster } from './postgres-cluster';
import { newSchema, runSql } from './temporary-postgres-ledger';

jest.setTimeout(180_000);

const canary = 'canary-password';
const target = (changes: Partial<PostgresTarget>): PostgresTarget => ({
  url: `postgres://user:${canary}@127.0.0.1/base`,
  tls: 'off',
  ca: null,
  schema: newSchema(),
  ...changes,
});

/** The sentence, which never holds the password. */
async function refusal(changes: Partial<PostgresTarget>): Promise<string> {
  const error = await openPostgresLedger({ ...target(changes), now: () => 0 }).then(
    async ({ ledger }) => {
      await ledger.close();
      return new Error('was opened');
    },
    (thrown: unknown) => thrown as Error,
  );
  expect(JSON.stringify([error.message, error.stack, error])).not.toContain(canary);
  return error.message;
}

test.each([
  ['mysql://a:canary-password@b/c', /is no URL of the form/],
  ['canary-password', /is no URL of the form/],
  ['postgres://a:canary-password@b/c?sslmode=require', /parameters behind "\?".*ledger\.postgres\.tls/],
  ['postgres://a:canary-password@b', /lacks host, user or database/],
  ['postgres://a:canary-password%@b/c', /write a "%" of the password as %25/],
])('%s', async (url, sentence) => {
  expect(await refusal({ url })).toMatch(sentence);
});

test('an address is read with its escapes, and named without its password', () => {
  const address = readAddress(target({ url: 'postgres://u%40x:p%2Fw@[::1]:7000/d%20b', schema: 's' }));
  expect(address).toMatchObject({ host: '::1', port: 7_000, user: 'u@x', password: 'p/w', database: 'd b' });
  expect(address.name).toBe('::1:7000/d b (schema s)');
  expect(readAddress(target({ tls: 'verify' })).ssl).toEqual({ rejectUnauthorized: true });
  expect(() => readAddress(target({ tls: 'verify', ca: '/nowhere/ca.pem' }))).toThrow(
    /cannot be read .*ENOENT/,
  );
});

(hasPostgres ? describe : describe.skip)('by a server', () => {
  let cluster: PostgresCluster;
  beforeAll(async () => {
    cluster = await startPostgresCluster();
    runSql(cluster.url, 'public', `create role walled login password 'right'; create role guest login`);
    const hba = join(cluster.directory, 'pg_hba.conf');
    writeFileSync(hba, `host all walled 127.0.0.1/32 scram-sha-256\n${readFileSync(hba, 'utf8')}`);
    runSql(cluster.url, 'public', 'select pg_reload_conf()');
  }, 180_000);
  afterAll(() => cluster.remove());

  const as = (user: string, database = 'postgres'): string =>
    `postgres://${user}@127.0.0.1:${String(cluster.port)}/${database}`;
  const change = (sql: string): void => void runSql(cluster.url, 'public', sql);

  test('a wrong password, no such database, no rights', async () => {
    expect(await refusal({ url: as(`walled:${canary}`) })).toMatch(/refused user or password.*pg_hba\.conf/);
    expect(await refusal({ url: as('guest', 'nowhere') })).toMatch(/no such database/);
    expect(await refusal({ url: as('guest') })).toMatch(/has not the rights.*GRANT CREATE ON DATABASE/);
  });

  test('a server that is not encrypted, where it must be', async () => {
    expect(await refusal({ url: cluster.url, tls: 'verify' })).toMatch(/does not speak TLS.*ssl = on/);
  });

  test('settings under which acknowledged commits are lost', async () => {
    change(`alter role ledger set synchronous_commit = off`);
    expect(await refusal({ url: cluster.url })).toMatch(/synchronous_commit=off: a crash would lose/);
    change(`alter role ledger reset synchronous_commit`);
    change(`alter system set fsync = off`);
    change(`select pg_reload_conf()`);
    expect(await refusal({ url: cluster.url })).toMatch(/fsync=off: a power cut would lose/);
    change(`alter system reset fsync`);
    change(`select pg_reload_conf()`);
  });

  test.each([
    ['synchronous_commit', /synchronous_commit=off: a crash would lose/],
    ['fsync', /fsync=off: a power cut would lose/],
  ])(
    '%s that is turned off while it runs: nothing is written until it is on again',
    async (setting, sentence) => {
      const alone = await openPostgresLedger({ ...target({ url: cluster.url }), now: () => 0 });
      const member = await openMember({ url: cluster.url, schema: newSchema() });
      const ledgers = [alone.ledger, member.ledger];
      const reload = async (value: string): Promise<void> => {
        change(value);
        change('select pg_reload_conf()');
        await Promise.all(
          ledgers.map((ledger) =>
            until('the setting counts', async () => {
              const written = await ledger.settings.set('key', value).then(
                () => true,
                () => false,
              );
              return written === value.includes('reset') ? true : undefined;
            }),
          ),
        );
      };
      try {
        await reload(`alter system set ${setting} = off`);
        for (const ledger of ledgers)
          await expect(ledger.settings.set('key', 'other')).rejects.toThrow(sentence);
        await reload(`alter system reset ${setting}`);
        for (const ledger of ledgers) expect(await ledger.settings.get('key')).toMatch(/reset/);
        expect(member.lost).toEqual([]);
      } finally {
        change(`alter system reset ${setting}`);
        change('select pg_reload_conf()');
        for (const ledger of ledgers) await ledger.close();
      }
    },
  );

  test("a newer ledger, somebody else's tables, a ledger that may not be written", async () => {
    const schema = newSchema();
    await (
      await openPostgresLedger({ ...target({ url: cluster.url, schema }), now: () => 0 })
    ).ledger.close();
    change(
      `grant usage on schema ${schema} to guest; grant select on all tables in schema ${schema} to guest`,
    );
    expect(await refusal({ url: as('guest'), schema })).toMatch(
      /may not (INSERT|UPDATE|DELETE) in \w+ of .*GRANT SELECT, INSERT/,
    );
    // Who may only read may look.
    await (await openPostgresLedgerReader(target({ url: as('guest'), schema }))).close();
    change(`insert into ${schema}.schema_version (version, name, applied_at) values (99, 'future', 0)`);
    expect(await refusal({ url: cluster.url, schema })).toMatch(/newer version of the bridge \(schema 99;/);
    const foreign = newSchema();
    change(`create schema ${foreign}; create table ${foreign}.shop (id int)`);
    expect(await refusal({ url: cluster.url, schema: foreign })).toMatch(/holds tables, but no ledger/);
    await expect(openPostgresLedgerReader(target({ url: cluster.url }))).rejects.toThrow(
      /There is no ledger at/,
    );
  });

  test('a database that cannot hold every name', async () => {
    change(`create database narrow encoding 'SQL_ASCII' template template0`);
    expect(await refusal({ url: as('ledger', 'narrow') })).toMatch(/as SQL_ASCII; names of files need UTF8/);
  });
});
