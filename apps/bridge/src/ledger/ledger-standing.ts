import { sealRoot } from './seal';
import type { SqliteConnection } from './sqlite-connection';

/**
 * How far a ledger has come. Of two with one past these are all equal only where nothing happened to either since: the
 * number of events alone says nothing, since retention takes events away while others come. What cannot come back is the
 * newest seal, which is bound to every one before it, and the hashes that are in none yet. Tables that an earlier version
 * did not have count as empty.
 */
export function ledgerStanding(
  connection: SqliteConnection,
): Readonly<Record<string, string | number | null>> {
  const rows = (sql: string): readonly unknown[] => connection.run({ sql, parameters: [] }).rows;
  const tables = new Set(
    (rows(`select name from sqlite_schema where type = 'table'`) as { name: string }[]).map(
      ({ name }) => name,
    ),
  );
  const number = (table: string, what = 'count(*)'): number => {
    if (!tables.has(table)) return 0;
    const [row] = rows(`select ${what} as value from ${table}`) as { value: number }[];
    return row?.value ?? 0;
  };
  const text = (table: string, sql: string): string | null => {
    const [row] = (tables.has(table) ? rows(sql) : []) as { value: string }[];
    return row?.value ?? null;
  };
  const hasSeals = tables.has('seal');
  const [seal] = (hasSeals ? rows('select number, hash from seal order by number desc limit 1') : []) as {
    number: number;
    hash: string;
  }[];
  const where = hasSeals ? ' where seal is null' : '';
  const unsealed = (tables.has('event') ? rows(`select hash from event${where}`) : []) as { hash: string }[];
  return {
    seal: seal?.number ?? 0,
    sealHash: seal?.hash ?? null,
    unsealed: unsealed.length,
    unsealedRoot: sealRoot(unsealed.map(({ hash }) => hash)),
    events: number('event'),
    forgottenEvents: number('forgotten_event'),
    forgottenMessages: number('forgotten_message'),
    messages: number('message'),
    // Counts each change of each message; that of a forgotten one is gone, and stands out in the numbers above.
    revisions: number('message', 'coalesce(sum(revision), 0)'),
    // What a person asked for makes no event before it is done.
    commands: number('command'),
    commandsDone: number('command', 'count(done_at)'),
    // Makes no event, and a failure that is forgotten would be a time of doubt that nobody knows of.
    selfTest: text('setting', `select value from setting where key = 'self-test'`),
  };
}
