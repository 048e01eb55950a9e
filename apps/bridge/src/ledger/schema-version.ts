import type { CompiledQuery, Kysely } from 'kysely';
import { LedgerRefusedError } from './ledger-refused-error';
import type { Migration } from './migration';
import { allMigrations } from './migrations/all-migrations';
import type { SqliteConnection } from './sqlite-connection';
import type { Tables } from './tables';

/** The version that this program understands. */
export const knownVersion = allMigrations.at(-1)?.version ?? 0;

/** Since this version the schema says itself which programs may use it. */
const saysUsableSince = 5;

/** Notes that a migration was made. */
export function markMigrated(
  db: Kysely<Tables>,
  { version, name, usableFrom }: Migration,
  at: number,
): CompiledQuery {
  const usable_from = usableFrom ?? null;
  return db
    .insertInto('schema_version')
    .values({ version, name, applied_at: at, ...(version < saysUsableSince ? {} : { usable_from }) })
    .compile();
}

/** What a schema says of itself, as text that both databases read. */
export const schemaFacts = {
  version: 'select max(version) as version from schema_version',
  /** Of those that this program does not know, to be asked only where there are some: older ones have no such column. */
  newer: `select usable_from from schema_version where version > ${String(knownVersion)}`,
} as const;

/**
 * Refuses a schema that is newer than this program, but for one to which only such things were added as mean nothing to it:
 * while bridges are brought up to date one after the other, the older ones go on.
 * @throws LedgerRefusedError
 */
export function checkUsable(
  name: string,
  version: number,
  newer: readonly { readonly usable_from: number | null }[],
): void {
  const isUsable = newer.every(({ usable_from: from }) => from !== null && from <= knownVersion);
  if (isUsable) return;
  throw new LedgerRefusedError(
    `The ledger ${name} was written by a newer version of the bridge (schema ${version}; this one knows up to ${knownVersion}). Start that version again, or restore a backup from before the upgrade.`,
  );
}

/**
 * The version of the ledger's schema; undefined where the file has no tables at all.
 * @throws LedgerRefusedError where it is somebody else's database, or was written by a newer bridge
 */
export function readSchemaVersion(connection: SqliteConnection): number | undefined {
  const rows = (sql: string): readonly object[] =>
    connection.run({ sql, parameters: [] }).rows as readonly object[];
  const tables = rows(`select name from sqlite_schema where type = 'table'`) as readonly { name: string }[];
  if (tables.length === 0) return undefined;
  if (!tables.some(({ name }) => name === 'schema_version')) {
    throw new LedgerRefusedError(
      `${connection.file} is a SQLite database, but no ledger of this bridge. Check the path in the configuration.`,
    );
  }
  const [row] = rows(schemaFacts.version) as readonly { version: number | null }[];
  const version = row?.version ?? 0;
  if (version > knownVersion) {
    const newer = rows(schemaFacts.newer) as readonly { usable_from: number | null }[];
    checkUsable(connection.file, version, newer);
  }
  return version;
}
