import type { PoolClient } from 'pg';
import { createDueStatements } from '../due-statements';
import { LedgerRefusedError } from '../ledger-refused-error';
import { createPostgresCompiler, encodeParameter } from '../postgres/postgres-dialect';
import type { PostgresPool } from '../postgres/postgres-pool';
import { throughOutage } from '../postgres/postgres-pool';
import { migratePostgres, readPostgresVersion } from '../postgres/postgres-schema';
import { runStatement } from '../postgres/postgres-writer';
import type { RowDigest } from './row-digest';
import { createRowDigest } from './row-digest';
import type { SourceTable, Value } from './source-tables';

/*
 * While a ledger is copied, the table by which a bridge knows one has another name, and so nobody can start on half of it.
 * Beside it stands how far the copy is. The last transaction gives the name back.
 */

/** How far a move into this schema is. */
export type TargetState =
  /** Nothing is there, or tables without a row. */
  { readonly is: 'empty' } | { readonly is: 'half-copied' | 'finished'; readonly id: string };

/** Looks only. @throws LedgerRefusedError where something else is there */
export async function readTargetState(pool: PostgresPool): Promise<TargetState> {
  const { name, schema } = pool.address;
  const names = await tableNames(pool);
  const valueOf = async (sql: string): Promise<string | undefined> => {
    const { rows } = await pool.use((client) => client.query<{ value: string }>(sql));
    return rows[0]?.value;
  };
  if (names.includes('ledger_move')) {
    const id = await valueOf(`select value from ledger_move where key = 'id'`);
    return { is: 'half-copied', id: id ?? '' };
  }
  // Tables of somebody else, or of a newer version, are refused here.
  if ((await readPostgresVersion(pool)) === undefined) return { is: 'empty' };
  const id = await valueOf(`select value from setting where key = 'moved-from'`);
  if (id !== undefined) return { is: 'finished', id };
  for (const table of names.filter((one) => one !== 'schema_version' && one !== 'commit_mark')) {
    if ((await valueOf(`select '1' as value from ${quoted(table)} limit 1`)) === undefined) continue;
    throw new LedgerRefusedError(
      `There is a ledger at ${name} already, and two cannot become one. Name another schema; or, where that one is of no use to anybody, drop it (DROP SCHEMA ${schema} CASCADE).`,
    );
  }
  return { is: 'empty' };
}

/** Makes the tables, and marks them as those of a move that is under way. */
export async function beginCopy(
  pool: PostgresPool,
  { id, tables, now }: { id: string; tables: readonly SourceTable[]; now: () => number },
): Promise<void> {
  await migratePostgres(pool, { now });
  const present = await tableNames(pool);
  const unknown = tables.find(({ name }) => !present.includes(name));
  if (unknown !== undefined) {
    throw new LedgerRefusedError(
      `The ledger holds a table "${unknown.name}", which this program does not know: it was written by another version. Move it with that one.`,
    );
  }
  await transact(pool, async (client) => {
    await client.query('create table ledger_move (key text primary key, value text not null)');
    const keys = tables.map(({ name }) => `copied ${name}`);
    await client.query(
      `insert into ledger_move (key, value) select key, '0' from unnest($1::text[]) as key union all select 'id', $2`,
      [keys, id],
    );
    await client.query('alter table schema_version rename to ledger_move_version');
  });
}

/** Up to which row number each table was copied. */
export async function readProgress(pool: PostgresPool): Promise<ReadonlyMap<string, number>> {
  const { rows } = await pool.use((client) =>
    client.query<{ key: string; value: string }>('select key, value from ledger_move'),
  );
  return new Map(rows.map(({ key, value }) => [key.replace(/^copied /, ''), Number(value)]));
}

export interface PageToCopy {
  readonly table: SourceTable;
  readonly rows: readonly Readonly<Record<string, Value>>[];
  /** Row numbers: where the page begins and ends. */
  readonly after: number;
  readonly next: number;
}

/** Inserts a page and notes it in one statement, so that it is there once however often this is tried. */
export async function copyPage(pool: PostgresPool, { table, rows, after, next }: PageToCopy): Promise<void> {
  const columns = table.columns.map(quoted).join(', ');
  // As JSON, one parameter for all rows: five times as fast as a parameter for each value.
  const sql = `with noted as (update ledger_move set value = $2 where key = $3 and value = $4 returning 1)
    insert into ${quoted(table.name)} (${columns})
    select ${columns} from json_populate_recordset(null::${quoted(table.name)}, $1::json)
    where exists (select 1 from noted)`;
  const parameters = [toJson(rows), String(next), `copied ${table.name}`, String(after)];
  await throughOutage(pool.address.name, async () => {
    const { rowCount } = await pool.use((client) => runStatement(client, { sql, parameters }));
    if (rowCount === rows.length) return;
    // Its answer was lost with a connection, and it is there.
    if ((await readProgress(pool)).get(table.name) === next) return;
    throw new LedgerRefusedError(
      `Somebody else copies into ${pool.address.name}. Let only one "mft-bridge ledger migrate" run, and run it again.`,
    );
  });
}

/** What a table holds there. */
export async function digestTarget(pool: PostgresPool, table: SourceTable): Promise<RowDigest> {
  const digest = createRowDigest(table.columns);
  await transact(pool, async (client) => {
    const columns = table.columns.map(quoted).join(', ');
    await client.query(`declare copied no scroll cursor for select ${columns} from ${quoted(table.name)}`);
    for (;;) {
      const { rows } = await client.query<Record<string, Value>>('fetch forward 2000 from copied');
      if (rows.length === 0) return;
      for (const row of rows) digest.add(row);
    }
  });
  return digest;
}

/** Makes the copy a ledger. Whoever held work in the old place is gone: as at a start, leases are void and intents ended. */
export async function finishCopy(pool: PostgresPool, { id, at }: { id: string; at: number }): Promise<void> {
  const due = createDueStatements(createPostgresCompiler());
  await transact(pool, async (client) => {
    for (const statement of [due.void(), due.endIntents({ at }), due.recall({ at })])
      await runStatement(client, statement);
    await client.query(
      `insert into setting (key, value) values ('moved-from', $1) on conflict (key) do update set value = excluded.value`,
      [id],
    );
    await client.query('drop table ledger_move');
    await client.query('alter table ledger_move_version rename to schema_version');
  });
  // Else the first queries would be planned for empty tables.
  await pool.use((client) => client.query('analyze'));
}

async function tableNames({ address, use }: PostgresPool): Promise<readonly string[]> {
  const { rows } = await use((client) =>
    client.query<{ name: string }>('select tablename::text as name from pg_tables where schemaname = $1', [
      address.schema,
    ]),
  );
  return rows.map(({ name }) => name);
}

async function transact<Result>(
  pool: PostgresPool,
  body: (client: PoolClient) => Promise<Result>,
): Promise<Result> {
  return pool.use(async (client) => {
    await client.query('begin');
    try {
      const result = await body(client);
      await client.query('commit');
      return result;
    } catch (error) {
      await client.query('rollback').catch(() => undefined);
      throw error;
    }
  });
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** Each value as the ledger sends it: PostgreSQL's text does not hold every character. */
function toJson(rows: PageToCopy['rows']): string {
  return JSON.stringify(rows, (_key, value: unknown) =>
    typeof value === 'string' ? encodeParameter(value) : value,
  );
}
