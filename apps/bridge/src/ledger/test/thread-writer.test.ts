import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { StaleChangeError } from '../ledger';
import { LedgerUnavailableError } from '../ledger-unavailable-error';
import type { Program, ProgramExecutor } from '../program';
import { openSqliteLedger } from '../sqlite-ledger';
import { threadWriter } from '../thread-writer';
import { changing, sampleMessage, taking } from './sample-message';
import { temporaryDirectory } from './temporary-ledger';
import { buildWriterThread } from './writer-thread-script';

let writerThread: ReturnType<typeof buildWriterThread>;
beforeAll(() => void (writerThread = buildWriterThread()));
afterAll(() => writerThread.remove());

let directory: ReturnType<typeof temporaryDirectory>;
let file: string;
let lost: Error[];
const onLost = (error: Error): void => void lost.push(error);

beforeEach(() => {
  directory = temporaryDirectory();
  file = join(directory.path, 'ledger.db');
  lost = [];
});
afterEach(async () => {
  // A thread that is left behind keeps the whole run from ending.
  for (const one of opened.splice(0)) await one.close();
  directory.remove();
});

const opened: { close(): Promise<void> }[] = [];
function keep<Opened extends { close(): Promise<void> }>(one: Opened): Opened {
  opened.push(one);
  return one;
}

async function openWriter(setUp = ''): Promise<ProgramExecutor> {
  const database = new Database(file);
  database.exec(`create table if not exists item (id integer primary key, value text); ${setUp}`);
  database.close();
  return keep(await threadWriter(writerThread)(file, onLost));
}

const insert = (id: number, value = 'x'): Program[number] => ({
  sql: 'insert into item (id, value) values (?, ?) returning id',
  parameters: [id, value],
});
const touch = (id: number): Program[number] => ({
  sql: `update item set value = 'touched' where id = ?`,
  parameters: [id],
  expect: 1,
  otherwise: `item ${id} is gone`,
});
/** Takes a second or two of the thread's time. */
const slow: Program[number] = {
  sql: 'with recursive n (i) as (select 1 union all select i + 1 from n where i < 8000000) select count(*) as n from n',
  parameters: [],
};

function stored(): number[] {
  const database = new Database(file, { readonly: true });
  const ids = database.prepare<[], number>('select id from item order by id').pluck().all();
  database.close();
  return ids;
}

test('programs run in another thread: this one is free while they do', async () => {
  const writer = await openWriter();
  let turns = 0;
  const turning = setInterval(() => (turns += 1), 1);
  const rows = await writer.run([insert(1), slow]);
  clearInterval(turning);
  expect(rows).toEqual([[{ id: 1 }], [{ n: 8_000_000 }]]);
  expect(turns).toBeGreaterThan(20);
  expect(stored()).toEqual([1]);
  await writer.close();
  expect(lost).toEqual([]);
});

test('typed errors cross the threads as what they are, with code, cause and the words for people', async () => {
  const writer = await openWriter('create table child (item integer references item (id))');
  const stale = writer.run([insert(2), touch(99)]);
  await expect(stale).rejects.toThrow(StaleChangeError);
  await expect(stale).rejects.toThrow('item 99 is gone');
  await writer.run([insert(1)]);
  const taken = writer.run([insert(1)]);
  await expect(taken).rejects.toThrow(StaleChangeError);
  await expect(taken).rejects.toMatchObject({ cause: { code: 'SQLITE_CONSTRAINT_PRIMARYKEY' } });
  const orphan = writer.run([{ sql: 'insert into child (item) values (12345)', parameters: [] }]);
  await expect(orphan).rejects.toMatchObject({ name: 'Error', code: 'SQLITE_CONSTRAINT_FOREIGNKEY' });
  await expect(orphan).rejects.not.toBeInstanceOf(LedgerUnavailableError);
  expect(stored()).toEqual([1]);
  await writer.close();
});

test('one that fails takes none of those with it that share its commit', async () => {
  const writer = await openWriter();
  const answers = await Promise.allSettled([
    writer.run([insert(1)]),
    writer.run([insert(2), touch(99)]),
    writer.run([insert(3)]),
  ]);
  expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(stored()).toEqual([1, 3]);
  await writer.close();
});

test('what comes while the thread commits goes to it together, and no text of a statement crosses twice', async () => {
  const script = join(directory.path, 'noting.cjs');
  const go = join(directory.path, 'go');
  // Answers nothing before it may, and then each program with what it came with.
  writeFileSync(
    script,
    `const { parentPort } = require('node:worker_threads');
     const { existsSync } = require('node:fs');
     let groups = 0;
     const reply = (answers) =>
       existsSync(${JSON.stringify(go)}) ? parentPort.postMessage({ type: 'ran', answers }) : setTimeout(reply, 5, answers);
     parentPort.on('message', ({ type, programs, texts }) => {
       if (type === 'close') return parentPort.close();
       groups += 1;
       const rows = [[groups, programs.length, texts.length]];
       reply(programs.map(({ id }) => ({ id, rows })));
     });
     parentPort.postMessage({ type: 'ready' });`,
  );
  const writer = keep(await threadWriter({ script })(file, onLost));
  const first = writer.run([insert(1), touch(1)]);
  await new Promise((resolve) => setImmediate(resolve));
  const later = [writer.run([insert(2)]), writer.run([touch(3), insert(3)])];
  await new Promise((resolve) => setImmediate(resolve));
  later.push(writer.run([{ sql: 'vacuum', parameters: [] }]));
  writeFileSync(go, '');
  expect(await first).toEqual([[1, 1, 2]]);
  expect(await Promise.all(later)).toEqual([[[2, 3, 1]], [[2, 3, 1]], [[2, 3, 1]]]);
  await writer.close();
});

test('a full disk fails what it meets with a sentence, and work goes on once there is room', async () => {
  const writer = await openWriter();
  await writer.run([{ sql: 'pragma max_page_count = 4', parameters: [] }]);
  const answer = writer.run([insert(2, 'y'.repeat(100_000))]);
  await expect(answer).rejects.toThrow(LedgerUnavailableError);
  await expect(answer).rejects.toMatchObject({
    code: 'SQLITE_FULL',
    message: expect.stringMatching(/is full; nothing was written\. Free some space/),
  });
  await writer.run([{ sql: 'pragma max_page_count = 1000000', parameters: [] }]);
  await writer.run([insert(1)]);
  expect(stored()).toEqual([1]);
  expect(lost).toEqual([]);
  await writer.close();
});

test('closing finishes what was accepted, writes the log back, then refuses', async () => {
  const writer = await openWriter();
  const accepted = [writer.run([slow, insert(1)]), writer.run([insert(2)]), writer.run([touch(99)])];
  const answers = Promise.allSettled(accepted);
  await Promise.all([writer.close(), writer.close()]);
  expect((await answers).map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
  expect(stored()).toEqual([1, 2]);
  await expect(writer.run([insert(3)])).rejects.toThrow(/is closed: the bridge is stopping/);
  expect(lost).toEqual([]);
});

test.each([
  ['throws', `throw new Error('no memory left')`, /died \((Error: )?no memory left\)/],
  ['ends', 'process.exit(7)', /died \(it ended with 7\)/],
])(
  'the thread %s: all that waits fails, all that comes later too, and it is told once',
  async (_how, end, words) => {
    const script = join(directory.path, 'dying.cjs');
    writeFileSync(
      script,
      `const { parentPort } = require('node:worker_threads');
     let asked = 0;
     parentPort.on('message', ({ programs }) => { asked += programs.length; if (asked >= 3) { ${end} } });
     parentPort.postMessage({ type: 'ready' });`,
    );
    const writer = keep(await threadWriter({ script })(file, onLost));
    const first = writer.run([insert(1)]);
    const waiting = Promise.allSettled([first, writer.run([insert(2)]), writer.run([insert(3)])]);
    for (const answer of await waiting) {
      expect(answer).toMatchObject({
        status: 'rejected',
        reason: {
          name: 'LedgerUnavailableError',
          code: 'WRITER_DIED',
          message: expect.stringMatching(words),
        },
      });
    }
    await expect(writer.run([insert(4)])).rejects.toThrow(
      /nothing can be written any more.*Restart the bridge/,
    );
    expect(lost).toHaveLength(1);
    await writer.close();
  },
);

test('a thread that cannot be started, or cannot open the file, is said', async () => {
  await expect(threadWriter({ script: join(directory.path, 'none.js') })(file, onLost)).rejects.toThrow(
    /could not be started .*Install the bridge again/,
  );
  writeFileSync(join(directory.path, 'empty.cjs'), '');
  await expect(threadWriter({ script: join(directory.path, 'empty.cjs') })(file, onLost)).rejects.toThrow(
    /could not be started \(it ended with 0\)/,
  );
  const missing = join(directory.path, 'nowhere', 'ledger.db');
  await expect(threadWriter(writerThread)(missing, onLost)).rejects.toThrow(/directory/);
});

test('a whole ledger over it: commits, claims, settings; closed it is free again', async () => {
  const open = (): ReturnType<typeof openSqliteLedger> =>
    openSqliteLedger({ file, now: () => 1_000, openWriter: threadWriter(writerThread), onLost });
  const ledger = keep(await open());
  const samples = Array.from({ length: 50 }, (_, index) => sampleMessage(`m${index}`));
  await Promise.all(samples.map((sample) => ledger.commit(taking(sample))));
  const [first] = samples;
  const change = changing(first!.message, [{ type: 'acknowledged' }]);
  await ledger.commit(change);
  await expect(ledger.commit(change)).rejects.toThrow(StaleChangeError);
  expect(await ledger.due.claim({ limits: { scan: 30 }, now: 1_000, leaseMs: 5 })).toHaveLength(30);
  await ledger.settings.set('key', 'value');
  await ledger.close();
  const again = keep(await open());
  expect(await again.messages.load(first!.message.id)).toEqual(change.after);
  expect(await again.settings.get('key')).toBe('value');
  expect((await again.messages.countByState())['scanning']).toBe(50);
  await again.close();
  expect(lost).toEqual([]);
});
