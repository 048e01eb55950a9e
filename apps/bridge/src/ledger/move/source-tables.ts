import type { SqliteConnection } from '../sqlite-connection';

/** A value of a row: what SQLite keeps, and PostgreSQL as well. */
export type Value = string | number | null;

export interface SourceTable {
  readonly name: string;
  readonly columns: readonly string[];
}

/** Rows of a table, in the order in which they lie there. */
export interface SourcePage {
  readonly rows: readonly Readonly<Record<string, Value>>[];
  /** Where the next page begins; undefined after the last one. */
  readonly next: number | undefined;
}

/** Rows at a time. The largest hold an event or an evidence of some kilobytes. */
const pageSize = 1_000;

/** The row's own number, under a name that no column has. */
const rowNumber = 'row number';

/** All tables whose rows are to be copied; what others refer to comes first. */
export function sourceTables(connection: SqliteConnection): readonly SourceTable[] {
  const namesOf = (sql: string, ...parameters: readonly Value[]): readonly string[] =>
    connection.run({ sql, parameters }).rows.map((row) => (row as { name: string }).name);
  const names = namesOf(
    `select name from sqlite_schema where type = 'table' and name not like 'sqlite~_%' escape '~'
     and name <> 'schema_version' order by name <> 'message', name`,
  );
  return names.map((name) => ({
    name,
    columns: namesOf('select name from pragma_table_info(?) order by cid', name),
  }));
}

/** Reads one page. `after` is 0 or the `next` of the page before: by number, so that a move is gone on with where it ended. */
export function readSourcePage(
  connection: SqliteConnection,
  { name, columns }: SourceTable,
  after: number,
): SourcePage {
  const list = columns.map((column) => `"${column}"`).join(', ');
  const { rows } = connection.run({
    sql: `select rowid as "${rowNumber}", ${list} from "${name}" where rowid > ? order by rowid limit ${pageSize}`,
    parameters: [after],
  });
  const last = rows.at(-1) as Record<string, number> | undefined;
  return {
    rows: rows.map((row) => normalized(row as Record<string, Value>, columns)),
    next: last?.[rowNumber],
  };
}

export function countRows(connection: SqliteConnection, { name }: SourceTable): number {
  const [row] = connection.run({ sql: `select count(*) as rows from "${name}"`, parameters: [] }).rows;
  return (row as { rows: number }).rows;
}

/** As a server keeps it: times are whole there. Upwards, so that nothing is due too early. */
function normalized(row: Readonly<Record<string, Value>>, columns: readonly string[]): Record<string, Value> {
  const whole = (value: Value): Value => (typeof value === 'number' ? Math.ceil(value) : value);
  return Object.fromEntries(columns.map((column) => [column, whole(row[column] ?? null)]));
}
