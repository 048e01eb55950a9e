import { LedgerRefusedError } from './ledger-refused-error';
import { allMigrations } from './migrations/all-migrations';
import { createSqliteCompiler } from './sqlite-compiler';
import type { SqliteConnection } from './sqlite-connection';

/** The version that this program understands. */
export const knownVersion = allMigrations.at(-1)?.version ?? 0;

/**
 * The version of the ledger's schema; undefined where the file has no tables at all.
 * @throws LedgerRefusedError where it is somebody else's database, or was written by a newer bridge
 */
export function readSchemaVersion(connection: SqliteConnection): number | undefined {
  const tables = connection.run({
    sql: `select name from sqlite_schema where type = 'table'`,
    parameters: [],
  });
  if (tables.rows.length === 0) return undefined;
  const names = new Set(tables.rows.map((row) => (row as { name: string }).name));
  if (!names.has('schema_version')) {
    throw new LedgerRefusedError(
      `${connection.file} is a SQLite database, but no ledger of this bridge. Check the path in the configuration.`,
    );
  }
  const query = createSqliteCompiler()
    .selectFrom('schema_version')
    .select((column) => column.fn.max('version').as('version'))
    .compile();
  const [row] = connection.run(query).rows;
  const version = (row as { version: number | null } | undefined)?.version ?? 0;
  if (version > knownVersion) {
    throw new LedgerRefusedError(
      `The ledger ${connection.file} was written by a newer version of the bridge (schema ${version}; this one knows up to ${knownVersion}). Start that version again, or restore a backup from before the upgrade.`,
    );
  }
  return version;
}
