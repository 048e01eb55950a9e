import {
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { LedgerRefusedError } from '../ledger-refused-error';
import { allMigrations } from '../migrations/all-migrations';
import { knownVersion } from '../schema-version';
import { openSqliteLedger } from '../sqlite-ledger';
import { openSqliteLedgerReader } from '../sqlite-ledger-reader';
import { sampleMessage, taking } from './sample-message';
import { temporaryDirectory } from './temporary-ledger';

let directory: ReturnType<typeof temporaryDirectory>;
let file: string;
const now = (): number => 1_000;

beforeEach(() => {
  directory = temporaryDirectory();
  file = join(directory.path, 'state', 'ledger.db');
});
afterEach(() => {
  directory.remove();
});

async function makeLedger(messages = 1): Promise<void> {
  const ledger = await openSqliteLedger({ file, now });
  for (let count = 0; count < messages; count += 1) await ledger.commit(taking(sampleMessage(`m${count}`)));
  await ledger.close();
}

function change(sql: string): void {
  const database = new Database(file);
  database.exec(sql);
  database.close();
}

test('makes directory and file for its user only, leaves no draft behind, and keeps what it stored', async () => {
  await makeLedger();
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(statSync(join(directory.path, 'state')).mode & 0o777).toBe(0o700);
  expect(readdirSync(join(directory.path, 'state')).sort()).toEqual(['ledger.db', 'ledger.db.lock']);
  const ledger = await openSqliteLedger({ file, now });
  expect((await ledger.messages.list({ limit: 10 })).items).toHaveLength(1);
  await ledger.close();
});

test('the first migration makes every table, and is not run twice', async () => {
  const logged: unknown[] = [];
  const logger = { info: (fields: unknown) => void logged.push(fields) };
  for (let start = 0; start < 2; start += 1) await (await openSqliteLedger({ file, now, logger })).close();
  expect(logged).toEqual(allMigrations.map(({ version, name }) => ({ schema: version, migration: name })));
  const database = new Database(file, { readonly: true });
  expect(database.prepare('select * from schema_version').all()).toMatchObject(
    allMigrations.map(({ version, name }) => ({ version, name, applied_at: 1_000 })),
  );
  database.close();
});

test('a draft that a crash left behind is no obstacle', async () => {
  await makeLedger();
  renameSync(file, `${file}.new`);
  writeFileSync(`${file}.new-wal`, 'rest');
  const ledger = await openSqliteLedger({ file, now });
  expect((await ledger.messages.list({ limit: 10 })).items).toEqual([]);
  await ledger.close();
});

test('one process writes, also where it is the same process; closed it is free again', async () => {
  const ledger = await openSqliteLedger({ file, now });
  await expect(openSqliteLedger({ file, now })).rejects.toThrow(
    /is in use: another bridge writes it\. Stop that one first/,
  );
  await ledger.settings.set('still', 'works');
  await ledger.close();
  await ledger.close();
  await makeLedger();
});

test('a ledger of a newer version is refused by writer and reader, and left as it is', async () => {
  await makeLedger();
  const next = knownVersion + 1;
  change(`insert into schema_version (version, name, applied_at) values (${String(next)}, 'future', 1)`);
  const sentence = `written by a newer version of the bridge (schema ${String(next)}; this one knows up to ${String(knownVersion)}). Start that version`;
  await expect(openSqliteLedger({ file, now })).rejects.toThrow(sentence);
  await expect(openSqliteLedgerReader(file)).rejects.toThrow(sentence);
  change(`update schema_version set usable_from = ${String(knownVersion)} where version = ${String(next)}`);
  await (await openSqliteLedgerReader(file)).close();
  change(`update schema_version set usable_from = ${String(next)} where version = ${String(next)}`);
  await expect(openSqliteLedger({ file, now })).rejects.toThrow(sentence);
  change(`delete from schema_version where version = ${String(next)}`);
  const ledger = await openSqliteLedger({ file, now });
  expect((await ledger.messages.list({ limit: 10 })).items).toHaveLength(1);
  await ledger.close();
});

test.each<[string, () => void]>([
  ['empty', () => truncateSync(file, 0)],
  ['no database', () => writeFileSync(file, 'x'.repeat(8_192))],
  ['cut off', () => truncateSync(file, 3 * 4_096)],
  [
    'overwritten in the middle',
    () => {
      const bytes = readFileSync(file);
      bytes.fill(0xa5, 2 * 4_096, 6 * 4_096);
      writeFileSync(file, bytes);
    },
  ],
])('a damaged file (%s) is refused with what to do, and never replaced', async (_how, damage) => {
  await makeLedger(50);
  damage();
  const before = readFileSync(file);
  await expect(openSqliteLedger({ file, now })).rejects.toThrow(LedgerRefusedError);
  await expect(openSqliteLedger({ file, now })).rejects.toThrow(
    /is damaged\. Stop the bridge, keep the file .* put the last backup/,
  );
  expect(readFileSync(file).equals(before)).toBe(true);
});

test('a database of somebody else is refused', async () => {
  await makeLedger();
  change('drop table schema_version');
  await expect(openSqliteLedger({ file, now })).rejects.toThrow(/no ledger of this bridge/);
});

test('a lost ledger whose log is still there is not replaced by an empty one', async () => {
  await makeLedger();
  renameSync(file, `${file}.elsewhere`);
  writeFileSync(`${file}-wal`, 'changes');
  await expect(openSqliteLedger({ file, now })).rejects.toThrow(
    /is missing, but the log of its last changes/,
  );
  expect(existsSync(file)).toBe(false);
});

test('a reader without a ledger says where it looked', async () => {
  await expect(openSqliteLedgerReader(file)).rejects.toThrow(`There is no ledger at ${file}.`);
});

test('a reader beside the writer sees each acknowledged commit, writes nothing and holds nothing up', async () => {
  const ledger = await openSqliteLedger({ file, now });
  const reader = await openSqliteLedgerReader(file, now);
  for (let count = 0; count < 20; count += 1) {
    const sample = sampleMessage(`m${count}`);
    await ledger.commit(taking(sample));
    expect(await reader.messages.load(sample.message.id)).toEqual(sample.message);
  }
  expect(await reader.due.count()).toEqual({ acknowledge: 20, scan: 40 });
  expect(await reader.due.nextAt()).toBe(1_000);
  expect(Object.keys(reader).sort()).toEqual([
    'audit',
    'close',
    'commands',
    'due',
    'intakeFailures',
    'messages',
    'seals',
    'settings',
    'skipped',
  ]);
  await ledger.close();
  expect((await reader.messages.list({ limit: 100 })).items).toHaveLength(20);
  await reader.close();
  await expect(reader.messages.load('m0')).rejects.toThrow('The ledger is closed');
});

(process.getuid?.() === 0 ? test.skip : test)('a directory without rights gives a sentence', async () => {
  await makeLedger();
  chmodSync(file, 0o000);
  await expect(openSqliteLedger({ file, now })).rejects.toThrow(
    /cannot be opened\. Check that its directory/,
  );
});
