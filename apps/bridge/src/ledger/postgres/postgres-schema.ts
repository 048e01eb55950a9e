import type { Logger } from 'pino';
import type { PoolClient } from 'pg';
import { LedgerRefusedError } from '../ledger-refused-error';
import { allMigrations } from '../migrations/all-migrations';
import { knownVersion } from '../schema-version';
import { createPostgresCompiler } from './postgres-dialect';
import type { PostgresPool } from './postgres-pool';
import { runStatement } from './postgres-writer';

/**
 * The version of the schema; undefined where it has no tables at all, or is not there.
 * @throws LedgerRefusedError where it is somebody else's, or was written by a newer bridge
 */
export async function readPostgresVersion({ address, use }: PostgresPool): Promise<number | undefined> {
  return use(async (client) => {
    const { rows } = await client.query<{ name: string }>(
      'select tablename::text as name from pg_tables where schemaname = $1',
      [address.schema],
    );
    if (rows.length === 0) return undefined;
    if (!rows.some(({ name }) => name === 'schema_version')) {
      throw new LedgerRefusedError(
        `${address.name} holds tables, but no ledger of this bridge. Name a schema of its own in ledger.postgres.schema.`,
      );
    }
    const answer = await client.query<{ version: number | null }>(
      'select max(version) as version from schema_version',
    );
    const version = answer.rows[0]?.version ?? 0;
    if (version > knownVersion) {
      throw new LedgerRefusedError(
        `The ledger at ${address.name} was written by a newer version of the bridge (schema ${version}; this one knows up to ${knownVersion}). Start that version again, or restore a backup from before the upgrade.`,
      );
    }
    return version;
  });
}

/** Brings the schema up to the version that this program knows, each migration in a transaction of its own. */
export async function migratePostgres(
  { address, use }: PostgresPool,
  version: number | undefined,
  { now, logger }: { now: () => number; logger?: Pick<Logger, 'info'> },
): Promise<void> {
  const db = createPostgresCompiler();
  await use(async (client) => {
    if (version === undefined) {
      await makeSchema(client, address.schema);
      // By what a COMMIT without an answer is asked about; a file needs none.
      await client.query(
        'create table if not exists commit_mark (slot text primary key, program text not null)',
      );
    }
    for (const migration of allMigrations.filter((candidate) => candidate.version > (version ?? 0))) {
      const { version: next, name } = migration;
      const mark = db
        .insertInto('schema_version')
        .values({ version: next, name, applied_at: now() })
        .compile();
      await client.query('begin');
      try {
        for (const { sql, parameters } of [...migration.statements(db), mark])
          await runStatement(client, { sql, parameters });
        await client.query('commit');
      } catch (error) {
        await client.query('rollback').catch(() => undefined);
        throw error;
      }
      logger?.info({ schema: next, migration: name }, 'ledger migrated');
    }
  });
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
