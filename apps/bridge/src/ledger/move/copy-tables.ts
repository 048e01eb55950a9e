import { LedgerRefusedError } from '../ledger-refused-error';
import type { PostgresPool } from '../postgres/postgres-pool';
import type { SqliteConnection } from '../sqlite-connection';
import { copyPage, digestTarget, readProgress } from './move-target';
import { createRowDigest } from './row-digest';
import type { SourceTable } from './source-tables';
import { countRows, readSourcePage } from './source-tables';

/** Copies what is not there yet. */
export async function copyTables(
  connection: SqliteConnection,
  pool: PostgresPool,
  tables: readonly SourceTable[],
  onStep: (text: string) => void,
): Promise<void> {
  const progress = await readProgress(pool);
  for (const table of tables) {
    onStep(`copying ${table.name}`);
    let after = progress.get(table.name) ?? 0;
    let written: Promise<void> = Promise.resolve();
    for (;;) {
      const { rows, next } = readSourcePage(connection, table, after);
      // One page is read while the one before is written.
      await written;
      if (next === undefined) break;
      written = copyPage(pool, { table, rows, after, next });
      // Whoever waits for it hears of it; until then it is not unhandled.
      written.catch(() => undefined);
      after = next;
    }
  }
}

/** Compares row by row, and not only their number; answers how many there are. @throws LedgerRefusedError */
export async function compareTables(
  connection: SqliteConnection,
  pool: PostgresPool,
  tables: readonly SourceTable[],
  onStep: (text: string) => void,
): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  for (const table of tables) {
    onStep(`comparing ${table.name}`);
    const own = createRowDigest(table.columns);
    for (let after: number | undefined = 0; after !== undefined;) {
      const page = readSourcePage(connection, table, after);
      for (const row of page.rows) own.add(row);
      after = page.next;
    }
    const copied = await digestTarget(pool, table);
    const isSame = own.sum === copied.sum && own.rows === copied.rows;
    if (!isSame || own.rows !== countRows(connection, table)) {
      throw new LedgerRefusedError(
        `The copy of table ${table.name} at ${pool.address.name} differs: ${copied.rows} rows there, ${own.rows} here. Nothing is in use of it. Drop that schema, run this again, and report it as a fault.`,
      );
    }
    counts.set(table.name, own.rows);
  }
  return counts;
}
