import type { Logger } from 'pino';
import { allMigrations } from './migrations/all-migrations';
import { markMigrated, readSchemaVersion } from './schema-version';
import { createSqliteCompiler } from './sqlite-compiler';
import type { SqliteConnection } from './sqlite-connection';

/**
 * Brings the schema up to the version that this program knows, each migration in a transaction of its own.
 * @throws LedgerRefusedError where the ledger is newer, or is none
 */
export function migrate(
  connection: SqliteConnection,
  { now, logger }: { now: () => number; logger?: Pick<Logger, 'info'> },
): void {
  const db = createSqliteCompiler();
  const version = readSchemaVersion(connection) ?? 0;
  for (const migration of allMigrations.filter((candidate) => candidate.version > version)) {
    const { version: next, name } = migration;
    const mark = markMigrated(db, migration, now());
    connection.exec('begin immediate');
    try {
      for (const { sql, parameters } of [...migration.statements(db), mark])
        connection.run({ sql, parameters });
      connection.exec('commit');
    } catch (error) {
      if (connection.inTransaction) connection.exec('rollback');
      throw error;
    }
    logger?.info({ schema: next, migration: name }, 'ledger migrated');
  }
}
