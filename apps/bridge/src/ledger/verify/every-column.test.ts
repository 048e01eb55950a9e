/**
 * Somebody with a database browser: each row of each table is deleted, doubled, or exchanged with another, and each value of
 * it altered. `ledger verify` finds it, or it stands below with the reason why nobody can see it.
 */
import { copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { SoundLedger } from '../test/sound-ledger';
import { makeSoundLedger } from '../test/sound-ledger';
import { temporaryDirectory } from '../test/temporary-ledger';
import { verifyLedger } from './verify-ledger';

jest.setTimeout(600_000);

const day = 86_400_000;
const keptMs = 40 * day;
const directory = temporaryDirectory();
const sound = join(directory.path, 'sound.db');
const forged = join(directory.path, 'forged.db');
let outside: SoundLedger;
afterAll(() => directory.remove());

const untold = 'no event tells it: it is taken from the message as it is stored';
const label = 'for people only: nothing follows from it';
const pace = 'when work is done next, and by whom: it changes with each look';
const asked =
  'what was asked for and is done leaves its mark in the events of the message; the row itself is a note';

const half = 'one half of a pair that means nothing without the other';

/** What cannot be seen, and why. */
const unseen: Readonly<Record<string, string>> = {
  'message.station': untold,
  'message.partner': untold,
  'message.gateway_id': untold,
  'message.subject': untold,
  'message.gateway_time': untold,
  'message.taken_at': untold,
  'message.content_digest': untold,
  'message.mode': 'the other one of the two, where nothing was decided yet',
  'message.revision':
    'counts changes, of which one may hold several events, and retention makes some without any',
  'attachment.ordinal': 'their order: no event tells it',
  'attachment.position': untold,
  'attachment.name': untold,
  'attachment.content_type': untold,
  'attachment.media': untold,
  'attachment.sha256': 'of what was not delivered: compared with the bytes themselves by --read-custody',
  'attachment.scan_group_id': 'that of a first scan is told by no event until it is opened',
  'attachment.scan_upload_name': untold,
  'attachment.scan_uploaded_size': half,
  'attachment.scan_uploaded_sha256': half,
  'attachment.scan_sanitized_size': half,
  'attachment.scan_sanitized_sha256': half,
  'attachment.scan_sanitized_custody_key': half,
  'obligation.id': 'those of what goes out are told by the decision; those of what stays are told by nobody',
  'obligation.ordinal': 'their order: no event tells it',
  'obligation.destination':
    'of a message with one file, before it goes out: its route is told, not where that led then',
  'delivery.ordinal': 'their order, where there is one',
  'delivery.claimed_id': 'a claim that was taken away, as long as nobody else counts on the same submission',
  'delivery.send_by': 'a start ends all intents of the process before, without an event',
  'due row deleted':
    'of work that does not stand between a message and its end (marking read, disposal, a search)',
  'due.kind': 'the same',
  'due.id': label,
  'due.partner': 'whose turn it is',
  'due.due_at': pace,
  'due.since': 'when the work began; found where it is past its deadline',
  'due.attempts': pace,
  'due.epoch': pace,
  'due.revision': pace,
  'due.lease_until': pace,
  'due.holder': pace,
  'due.why': label,
  'command row deleted': asked,
  'command row doubled': asked,
  'command rows exchanged': asked,
  'command.id': 'the same, once it is done',
  'command.kind': asked,
  'command.argument': asked,
  'command.actor': asked,
  'command.asked_at': asked,
  'command.done_at': asked,
  'command.outcome': asked,
};
/** Tables in which nothing is that a message's way hangs on, or that several bridges write anew at each start. */
const leftOut = [
  'schema_version',
  'setting',
  'skipped',
  'intake_failure',
  'member',
  'lease',
  'sqlite_sequence',
];

async function findings(file: string): Promise<readonly string[]> {
  const found: string[] = [];
  await verifyLedger({
    file,
    keptMs,
    now: () => 100 * day + 10_000,
    hasObject: (key) => Promise.resolve(outside.objects.has(key)),
    seals: (async function* () {
      yield* outside.seals;
    })(),
    onFinding: ({ problem }) => void found.push(problem),
  });
  return found;
}

type Row = Readonly<Record<string, string | number | null>>;

/** Whether verify finds what `change` did to a copy; undefined where the database itself did not let it happen. */
async function isSeen(
  change: (database: InstanceType<typeof Database>) => void,
): Promise<boolean | undefined> {
  for (const side of ['', '-journal', '-wal', '-shm']) rmSync(`${forged}${side}`, { force: true });
  copyFileSync(sound, forged);
  const database = new Database(forged);
  database.pragma('foreign_keys = off');
  // Nobody asks for it after a power cut.
  database.pragma('synchronous = off');
  try {
    change(database);
  } catch (error) {
    if (/constraint failed/.test((error as Error).message)) return undefined;
    throw error;
  } finally {
    database.close();
  }
  return (await findings(forged)).length > 0;
}

/** Another value of the same kind; null where there was one, and one where there was null. */
function others(value: string | number | null, column: string): (string | number | null)[] {
  if (value === null)
    return [column === 'seal' || column.endsWith('_at') || column.includes('size') ? 1 : 'x'];
  if (typeof value === 'number') return [value + 1, null];
  const neighbour = { mode: ['observe'], kind: ['dispose'], state: ['held'], place: ['held'] }[column] ?? [];
  return [`${value}x`, null, ...neighbour.filter((one) => one !== value)];
}

test('what is forged is found, or is known not to be', async () => {
  outside = await makeSoundLedger(sound);
  expect(await findings(sound)).toEqual([]);
  const reading = new Database(sound, { readonly: true });
  const tables = reading
    .prepare(
      `select name from sqlite_schema where type = 'table' and name not in (${leftOut.map(() => '?').join()})`,
    )
    .pluck()
    .all(...leftOut) as string[];
  const rowsOf = (table: string): readonly Row[] =>
    reading.prepare(`select rowid as "row number", * from "${table}"`).all() as Row[];
  /** What was done, and whether each time it was found. */
  const results = new Map<string, boolean[]>();
  const note = (what: string, seen: boolean | undefined): void => {
    if (seen !== undefined) results.set(what, [...(results.get(what) ?? []), seen]);
  };
  /** Two rows of different messages, each said to be of the other one. */
  async function exchange(table: string, rows: readonly Row[]): Promise<void> {
    const [one] = rows;
    const other = rows.find((row) => row['message_id'] !== one!['message_id']);
    if (other === undefined) return;
    const set = `update "${table}" set message_id = ? where rowid = ?`;
    const seen = await isSeen((db) => {
      db.prepare(set).run('nobody', one!['row number']);
      db.prepare(set).run(one!['message_id'], other['row number']);
      db.prepare(set).run(other['message_id'], one!['row number']);
    });
    note(`${table} rows exchanged`, seen);
  }
  for (const table of tables) {
    const rows = rowsOf(table);
    expect({ table, rows: rows.length }).not.toEqual({ table, rows: 0 });
    await exchange(table, rows);
    // Of each kind of history one at least.
    const step = Math.ceil(rows.length / 12);
    for (const { 'row number': number, ...row } of rows.filter((_, index) => index % step === 0)) {
      note(
        `${table} row deleted`,
        await isSeen((db) => void db.prepare(`delete from "${table}" where rowid = ?`).run(number)),
      );
      const columns = Object.keys(row);
      const doubled = { ...row, ...(row['id'] === undefined ? {} : { id: 'doubled' }) };
      note(
        `${table} row doubled`,
        await isSeen(
          (db) =>
            void db
              .prepare(`insert into "${table}" values (${columns.map(() => '?').join()})`)
              .run(...columns.map((column) => doubled[column as keyof typeof doubled] ?? null)),
        ),
      );
      for (const column of columns)
        for (const value of others(row[column] ?? null, column))
          note(
            `${table}.${column}`,
            await isSeen(
              (db) =>
                void db.prepare(`update "${table}" set "${column}" = ? where rowid = ?`).run(value, number),
            ),
          );
    }
  }
  reading.close();
  const missed = [...results].filter(([, seen]) => !seen.every(Boolean)).map(([what]) => what);
  expect([...missed].sort()).toEqual(Object.keys(unseen).sort());
  // Not a test of nothing.
  expect([...results.values()].flat().filter(Boolean).length).toBeGreaterThan(500);
});
