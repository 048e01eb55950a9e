/** What a process leaves that is killed while it turns the log on or off: half a change, and the journal that takes it back. */
import { copyFileSync, existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { backupLedger } from '../backup-ledger';
import type { RestoreOptions } from '../restore-ledger';
import { restoreLedger } from '../restore-ledger';
import { openSqliteLedger } from '../sqlite-ledger';
import { openSqliteLedgerReader } from '../sqlite-ledger-reader';
import { verifyLedger } from '../verify/verify-ledger';
import { sampleMessage, taking } from './sample-message';
import { temporaryDirectory } from './temporary-ledger';

const now = (): number => 50_000;
let directory: ReturnType<typeof temporaryDirectory>;
let file: string;
let backup: string;

beforeEach(async () => {
  directory = temporaryDirectory();
  file = join(directory.path, 'ledger.db');
  backup = join(directory.path, 'backup.db');
  const ledger = await openSqliteLedger({ file, now });
  for (let count = 0; count < 20; count += 1)
    await ledger.commit(taking(sampleMessage(`m${count}`, { name: 'x'.repeat(2_000) })));
  await ledger.close();
  await backupLedger(file, backup);
  leaveHotJournal();
});
afterEach(() => directory.remove());

/** Both files as they are in the middle of a transaction that does not fit into the memory it may use. */
function leaveHotJournal(): void {
  const writing = join(directory.path, 'writing.db');
  copyFileSync(backup, writing);
  const database = new Database(writing);
  database.pragma('cache_size = 2');
  database.exec('begin immediate');
  database.exec(`update attachment set name = 'half of a change' || hex(randomblob(900))`);
  database.exec(`update message set subject = hex(randomblob(900))`);
  for (const part of ['', '-journal']) copyFileSync(`${writing}${part}`, `${file}${part}`);
  database.exec('rollback');
  database.close();
}

const restore = (mode: RestoreOptions['mode']): ReturnType<typeof restoreLedger> =>
  restoreLedger({
    ...{ file, backup, mode, now },
    custodyOf: undefined,
    sealFile: join(directory.path, 'seals.jsonl'),
  });

async function expectWhole(states: object): Promise<void> {
  const ledger = await openSqliteLedger({ file, now });
  expect(await ledger.messages.countByState()).toEqual(states);
  expect((await ledger.messages.list({ limit: 50 })).items[0]!.message.attachments[0]!.name).toBe(
    'x'.repeat(2_000),
  );
  await ledger.close();
  const found: string[] = [];
  await verifyLedger({ file, now, onFinding: ({ problem }) => void found.push(problem) });
  expect(found).toEqual([]);
}

test('a start takes it back; who only reads says what to do', async () => {
  await expect(openSqliteLedgerReader(file)).rejects.toThrow(/killed .* Start the bridge once/);
  await expectWhole({ scanning: 20 });
  expect(existsSync(`${file}-journal`)).toBe(false);
});

test.each([
  ['unchanged', { scanning: 20 }],
  ['after-restore', { held: 20 }],
] as const)('a restore takes it back as well: %s', async (mode, states) => {
  const { replaced } = await restore(mode);
  await expectWhole(states);
  const names = new Database(replaced).prepare('select distinct name from attachment').pluck().all();
  expect(names).toEqual(['x'.repeat(2_000)]);
});

test('beside a file that is damaged beyond that it is put aside, and is not written over the new ledger', async () => {
  writeFileSync(file, 'x'.repeat(8_192));
  await restore('after-restore');
  expect(readdirSync(directory.path)).not.toContain('ledger.db-journal');
  await expectWhole({ held: 20 });
});
