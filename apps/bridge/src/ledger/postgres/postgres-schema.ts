import type { Logger } from 'pino';
import type { PoolClient } from 'pg';
import { LedgerRefusedError } from '../ledger-refused-error';
import { allMigrations } from '../migrations/all-migrations';
import { checkUsable, knownVersion, markMigrated, schemaFacts } from '../schema-version';
import { createPostgresCompiler } from './postgres-dialect';
import type { PostgresPool } from './postgres-pool';
import type { PostgresAddress } from './postgres-address';
import { liveMembers } from './join-members';
import { ledgerLock } from './member-statements';
import { runStatement } from './postgres-writer';
import type { Migration } from '../migration';
import { severalBridges } from '../migrations/0005-several-bridges';

/**
 * The version of the schema; undefined where it has no tables at all, or is not there.
 * @throws LedgerRefusedError where it is somebody else's, or was written by a newer bridge
 */
export async function readPostgresVersion({ address, use }: PostgresPool): Promise<number | undefined> {
  return use((client) => readVersion(client, address));
}

async function readVersion(client: PoolClient, address: PostgresAddress): Promise<number | undefined> {
  const { rows } = await client.query<{ name: string }>(
    'select tablename::text as name from pg_tables where schemaname = $1',
    [address.schema],
  );
  // A first start that was cut off has made nothing else.
  if (rows.every(({ name }) => name === 'commit_mark')) return undefined;
  if (rows.some(({ name }) => name === 'ledger_move')) {
    throw new LedgerRefusedError(
      `At ${address.name} there is half of a ledger: its move there was not finished. Run the same "mft-bridge ledger migrate" again, or drop that schema.`,
    );
  }
  if (!rows.some(({ name }) => name === 'schema_version')) {
    throw new LedgerRefusedError(
      `${address.name} holds tables, but no ledger of this bridge. Name a schema of its own in ledger.postgres.schema.`,
    );
  }
  const answer = await client.query<{ version: number | null }>(schemaFacts.version);
  const version = answer.rows[0]?.version ?? 0;
  if (version > knownVersion) {
    const newer = await client.query<{ usable_from: number | null }>(schemaFacts.newer);
    checkUsable(`at ${address.name}`, version, newer.rows);
  }
  return version;
}

/**
 * Brings the schema up to the version that this program knows, each migration in a transaction of its own. One program does at
 * a time; bridges that know an older version may go on meanwhile where what is added means nothing to them.
 * @returns whether there was a ledger before
 * @throws LedgerRefusedError
 */
export async function migratePostgres(
  pool: PostgresPool,
  { now, logger }: { now: () => number; logger?: Pick<Logger, 'info'> },
  migrations = allMigrations,
): Promise<boolean> {
  const { address, use } = pool;
  const lock = `${String(ledgerLock(address.schema))}, 3`;
  return use(async (client) => {
    await client.query(`select pg_advisory_lock(${lock})`);
    try {
      const version = await readVersion(client, address);
      const missing = migrations.filter((candidate) => candidate.version > (version ?? 0));
      if (version === undefined) {
        await makeSchema(client, address.schema);
        // By what a COMMIT without an answer is asked about; a file needs none.
        await client.query(
          'create table if not exists commit_mark (slot text primary key, program text not null)',
        );
      } else await refuseBeside(client, address, version, missing);
      for (const migration of missing) {
        await migrateOnce(client, migration, now());
        logger?.info({ schema: migration.version, migration: migration.name }, 'ledger migrated');
      }
      return version !== undefined;
    } finally {
      await client.query(`select pg_advisory_unlock(${lock})`).catch(() => undefined);
    }
  });
}

async function migrateOnce(client: PoolClient, migration: Migration, at: number): Promise<void> {
  const db = createPostgresCompiler();
  await client.query('begin');
  try {
    for (const { sql, parameters } of [...migration.statements(db), markMigrated(db, migration, at)])
      await runStatement(client, { sql, parameters });
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
}

/** Bridges that share the ledger may not know what a migration is about to change under them. */
async function refuseBeside(
  client: PoolClient,
  { name }: PostgresAddress,
  version: number,
  missing: readonly Migration[],
): Promise<void> {
  if (missing.length === 0 || version < severalBridges.version) return;
  const unfit = (await liveMembers(client)).filter((member) =>
    missing.some(({ usableFrom }) => usableFrom === undefined || usableFrom > member.schema),
  );
  if (unfit.length === 0) return;
  throw new LedgerRefusedError(
    `The ledger at ${name} is of schema ${version} and would be brought to ${missing.at(-1)?.version ?? version}, which ${unfit.map((member) => `bridge ${member.name} (version ${member.program})`).join(' and ')} cannot work with. Stop all bridges of this ledger, then start the new version.`,
  );
}

/** One that an administrator made before needs no right to make it. */
async function makeSchema(client: PoolClient, schema: string): Promise<void> {
  const { rowCount } = await client.query('select 1 from pg_namespace where nspname = $1', [schema]);
  if (rowCount === 0) await client.query(`create schema "${schema.replaceAll('"', '""')}"`);
}

/** @throws LedgerRefusedError where a table may not be read and written */
export async function checkRights({ address, use }: PostgresPool, rights: 'read' | 'write'): Promise<void> {
  const wanted = rights === 'read' ? ['SELECT'] : ['SELECT', 'INSERT', 'UPDATE', 'DELETE'];
  const { rows } = await use((client) =>
    client.query<{ name: string; right: string }>(
      `select tablename::text as name, privilege as right from pg_tables, unnest($2::text[]) as privilege
       where schemaname = $1 and not has_table_privilege(format('%I.%I', schemaname, tablename), privilege)`,
      [address.schema, wanted],
    ),
  );
  const [missing] = rows;
  if (missing === undefined) return;
  throw new LedgerRefusedError(
    `The user of ledger.postgres.url may not ${missing.right} in ${missing.name} of ${address.name}. GRANT ${wanted.join(', ')} ON ALL TABLES IN SCHEMA ${address.schema}, or let the user own them.`,
  );
}
