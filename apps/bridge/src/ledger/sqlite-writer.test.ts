import { join } from 'node:path';
import Database from 'better-sqlite3';
import { StaleChangeError } from './ledger';
import { LedgerUnavailableError } from './ledger-unavailable-error';
import type { Program, ProgramExecutor } from './program';
import type { SqliteConnection } from './sqlite-connection';
import { openSqliteConnection } from './sqlite-connection';
import { createSqliteWriter } from './sqlite-writer';
import { temporaryDirectory } from './test/temporary-ledger';

let directory: ReturnType<typeof temporaryDirectory>;
let connection: SqliteConnection;
let writer: ProgramExecutor;
let texts: string[];
/** Stands still, so that no commit takes any time and none is rested after; a test lets it run. */
let time: number;
let commitMs: number;

beforeEach(() => {
  directory = temporaryDirectory();
  connection = openSqliteConnection(join(directory.path, 'writer.db'), 'write');
  connection.exec('create table item (id integer primary key, value text)');
  texts = [];
  time = 0;
  commitMs = 0;
  writer = createSqliteWriter(
    {
      ...connection,
      get inTransaction() {
        return connection.inTransaction;
      },
      exec(sql) {
        texts.push(sql);
        connection.exec(sql);
        if (sql === 'commit') time += commitMs;
      },
    },
    () => time,
  );
});

afterEach(async () => {
  await writer.close();
  directory.remove();
});

const insert = (id: number, value = 'x'): Program[number] => ({
  sql: 'insert into item (id, value) values (?, ?)',
  parameters: [id, value],
});
const touch = (id: number): Program[number] => ({
  sql: `update item set value = 'touched' where id = ?`,
  parameters: [id],
  expect: 1,
  otherwise: `item ${id} is gone`,
});

function stored(): number[] {
  const database = new Database(connection.file, { readonly: true });
  const ids = database.prepare<[], number>('select id from item order by id').pluck().all();
  database.close();
  return ids;
}

test('the connection is durable: WAL and synced at each commit', () => {
  expect(connection.pragma('journal_mode')).toBe('wal');
  expect(connection.pragma('synchronous')).toBe(2);
  expect(connection.pragma('foreign_keys')).toBe(1);
});

test('programs of one turn share one commit, and see each other', async () => {
  await Promise.all([writer.run([insert(1)]), writer.run([touch(1), insert(2)]), writer.run([insert(3)])]);
  expect(texts.filter((text) => text === 'commit')).toHaveLength(1);
  expect(stored()).toEqual([1, 2, 3]);
});

test('after a slow commit programs gather for as long as it took, at most 10 ms, and without load none waits', async () => {
  const commits = (): number => texts.filter((text) => text === 'commit').length;
  jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick'] });
  try {
    commitMs = 8;
    await writer.run([insert(1)]);
    const gathered = [writer.run([insert(2)])];
    jest.advanceTimersByTime(7);
    time += 7;
    gathered.push(writer.run([insert(3)]));
    expect(commits()).toBe(1);
    jest.advanceTimersByTime(1);
    await Promise.all(gathered);
    expect(commits()).toBe(2);

    commitMs = 5_000;
    time += 8;
    await writer.run([insert(4)]);
    const later = writer.run([insert(5)]);
    jest.advanceTimersByTime(10);
    await later;
    expect(commits()).toBe(4);
  } finally {
    jest.useRealTimers();
  }
});

test('a program is answered only after its commit', async () => {
  const answered = writer.run([insert(1)]).then(() => stored());
  expect(stored()).toEqual([]);
  expect(await answered).toEqual([1]);
});

test('a wrong count rolls back its own program alone, and all of it', async () => {
  const [first, second, third] = await Promise.allSettled([
    writer.run([insert(1)]),
    writer.run([insert(2), touch(99)]),
    writer.run([insert(3)]),
  ]);
  expect([first.status, third.status]).toEqual(['fulfilled', 'fulfilled']);
  expect(second).toMatchObject({ status: 'rejected', reason: expect.any(StaleChangeError) });
  expect((second as PromiseRejectedResult).reason).toHaveProperty('message', 'item 99 is gone');
  expect(stored()).toEqual([1, 3]);
});

test('a unique key that is taken counts as stale, and takes nobody with it', async () => {
  const [, second] = await Promise.allSettled([writer.run([insert(1)]), writer.run([insert(2), insert(1)])]);
  expect(second).toMatchObject({ status: 'rejected', reason: expect.any(StaleChangeError) });
  expect(stored()).toEqual([1]);
});

test('a statement that is wrong in itself fails its own program as what it is', async () => {
  const [first, second] = await Promise.allSettled([
    writer.run([insert(1)]),
    writer.run([insert(2), { sql: 'select nonsense from nowhere', parameters: [] }]),
  ]);
  expect(first.status).toBe('fulfilled');
  expect(second).toMatchObject({
    status: 'rejected',
    reason: { message: expect.stringContaining('no such table') },
  });
  expect(stored()).toEqual([1]);
});

test('a full disk fails the whole group with a sentence, and work goes on once there is room', async () => {
  const pages = Number(connection.pragma('page_count'));
  connection.pragma(`max_page_count = ${pages}`);
  const answers = await Promise.allSettled([
    writer.run([insert(1)]),
    writer.run([insert(2, 'y'.repeat(100_000))]),
  ]);
  for (const answer of answers) {
    expect(answer).toMatchObject({
      status: 'rejected',
      reason: { name: 'LedgerUnavailableError', code: 'SQLITE_FULL' },
    });
  }
  expect((answers[0] as PromiseRejectedResult).reason).toHaveProperty(
    'message',
    expect.stringContaining('is full'),
  );
  expect(stored()).toEqual([]);
  connection.pragma('max_page_count = 1000000');
  await writer.run([insert(1)]);
  expect(stored()).toEqual([1]);
});

test('a failed COMMIT fails all, also those that were stale in themselves', async () => {
  connection.exec('create table child (item integer references item (id) deferrable initially deferred)');
  const orphan = { sql: 'insert into child (item) values (12345)', parameters: [] };
  const answers = await Promise.allSettled([
    writer.run([insert(1)]),
    writer.run([orphan]),
    writer.run([touch(7)]),
  ]);
  for (const answer of answers) {
    expect(answer).toMatchObject({ status: 'rejected', reason: { code: 'SQLITE_CONSTRAINT_FOREIGNKEY' } });
  }
  expect(stored()).toEqual([]);
  await writer.run([insert(1)]);
  expect(stored()).toEqual([1]);
});

test('rows are returned in the order of the statements', async () => {
  const rows = await writer.run([
    insert(1),
    { sql: 'insert into item (id) values (2), (3) returning id', parameters: [], expect: 2 },
    { sql: 'update item set value = ? where id = 1 returning value', parameters: ['v'], expect: 1 },
  ]);
  expect(rows).toEqual([[], [{ id: 2 }, { id: 3 }], [{ value: 'v' }]]);
});

test('closing finishes what was accepted, then refuses', async () => {
  const accepted = writer.run([insert(1)]);
  await writer.close();
  await accepted;
  expect(stored()).toEqual([1]);
  await expect(writer.run([insert(2)])).rejects.toThrow(LedgerUnavailableError);
});
