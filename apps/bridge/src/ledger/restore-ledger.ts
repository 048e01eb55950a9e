import { copyFile, chmod, link, rename, rm } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { draftOf, makeLedgerDirectory } from './ledger-file';
import { checkHealth } from './ledger-health';
import { LedgerRefusedError } from './ledger-refused-error';
import { ledgerStanding } from './ledger-standing';
import type { RestoreMarks } from './mark-restored';
import { markRestored, voidWork } from './mark-restored';
import { readMoveMark, setMoveMarkAside } from './move/move-mark';
import { rollBackJournal } from './roll-back-journal';
import { readSchemaVersion } from './schema-version';
import { createSqliteCompiler } from './sqlite-compiler';
import type { SqliteConnection } from './sqlite-connection';
import { openSqliteConnection } from './sqlite-connection';
import { isDamage, sqliteCode, toLedgerFault } from './sqlite-fault';
import { openSqliteLedger } from './sqlite-ledger';
import { syncFile } from './sync-file';
import { acquireWriterLock } from './writer-lock';

export interface RestoreOptions {
  /** The ledger that is replaced. */
  readonly file: string;
  readonly backup: string;
  /** `after-restore` holds what may have gone its way since; `unchanged` is for a bridge that has not run since. */
  readonly mode: 'after-restore' | 'unchanged';
  /** To which ledger the custody directory says that it belongs. */
  readonly custodyOf: string | undefined;
  /** The exported seals: they belong to what is replaced. */
  readonly sealFile: string;
  /** Epoch ms. */
  readonly now: () => number;
}

export interface Restored extends RestoreMarks {
  /** Where the replaced ledger is now; undefined where there was none. */
  readonly replaced: string | undefined;
}

/** What SQLite may have beside a file. */
const sideFiles = ['-wal', '-shm', '-journal'];

/**
 * Puts a backup in the place of the ledger. It is made ready, marks and all, under another name, and takes the ledger's
 * place in one rename: killed at any instant this leaves the old ledger or the new one.
 * @throws LedgerRefusedError where a bridge runs, or the backup is none, newer, damaged, or of another ledger
 */
export async function restoreLedger(options: RestoreOptions): Promise<Restored> {
  const { file, backup, now } = options;
  if (!existsSync(backup)) throw new LedgerRefusedError(`There is no backup at ${backup}.`);
  makeLedgerDirectory(file);
  const lock = acquireWriterLock(file);
  const draft = draftOf(file);
  const existed = existsSync(file);
  try {
    await removeDraft(draft);
    rollBackJournal(file);
    await copyFile(backup, draft);
    await chmod(draft, 0o600);
    checkBackup(draft, options);
    if (options.custodyOf !== undefined) bind(draft, options.custodyOf);
    const marks = options.mode === 'after-restore' ? await markDraft(draft, now) : { held: 0, searched: 0 };
    toSingleFile(draft);
    await syncFile(draft);
    const replaced = await putInPlace(options, draft);
    return { replaced, ...marks };
  } catch (error) {
    throw toLedgerFault(error, file);
  } finally {
    // It stays where it is all that is left: then no start makes an empty ledger.
    if (existsSync(file) || !existed) await removeDraft(draft);
    lock.release();
  }
}

function checkBackup(draft: string, { backup, file, sealFile, mode, custodyOf }: RestoreOptions): void {
  try {
    checkHealth(draft);
  } catch (error) {
    if (!(error instanceof LedgerRefusedError)) throw error;
    throw new LedgerRefusedError(
      `${backup} is damaged, or no ledger. Take another backup; nothing was changed.`,
      {
        cause: error,
      },
    );
  }
  const connection = openSqliteConnection(draft, 'read');
  try {
    if (readSchemaVersion({ ...connection, file: backup }) === undefined)
      throw new LedgerRefusedError(`${backup} is no ledger. Nothing was changed.`);
    const [row] = connection.run({ sql: `select value from setting where key = 'ledger-id'`, parameters: [] })
      .rows as { value: string }[];
    if (row !== undefined && custodyOf !== undefined && row.value !== custodyOf) {
      throw new LedgerRefusedError(
        `${backup} is a backup of another ledger than the one to which the custody directory belongs. Check the paths; nothing was changed.`,
      );
    }
    if (mode === 'unchanged') checkUnchanged(connection, { file, sealFile }, backup);
  } finally {
    connection.close();
  }
}

async function markDraft(draft: string, now: () => number): Promise<RestoreMarks> {
  const at = now();
  const ledger = await openSqliteLedger({ file: draft, now });
  let marks: RestoreMarks;
  try {
    marks = await markRestored(ledger, at);
  } finally {
    await ledger.close();
  }
  const connection = openSqliteConnection(draft, 'write');
  try {
    connection.exec('begin immediate');
    for (const statement of voidWork(createSqliteCompiler(), at)) connection.run(statement);
    connection.exec('commit');
  } finally {
    connection.close();
  }
  return marks;
}

/** A backup that an earlier version made names no ledger: it takes the place of the one that custody belongs to. */
function bind(draft: string, ledgerId: string): void {
  const connection = openSqliteConnection(draft, 'write');
  try {
    connection.run({
      sql: `insert into setting (key, value) values ('ledger-id', ?) on conflict (key) do nothing`,
      parameters: [ledgerId],
    });
  } finally {
    connection.close();
  }
}

/** Who says that nothing happened since is believed only where the ledger that is there does not say otherwise. */
function checkUnchanged(
  backup: SqliteConnection,
  { file, sealFile }: Pick<RestoreOptions, 'file' | 'sealFile'>,
  name: string,
): void {
  const moved = readMoveMark(file);
  if (moved !== undefined) {
    throw new LedgerRefusedError(
      `The ledger ${file} was moved to PostgreSQL at ${moved.to}, and may have been in use there since: nobody can say that nothing happened since the backup. Use --after-restore.`,
    );
  }
  if (!existsSync(file)) {
    if (!existsSync(sealFile)) return;
    throw new LedgerRefusedError(
      `There is no ledger ${file} to compare ${name} with, and ${sealFile} shows that one was written here: nobody can say that nothing happened since the backup. Use --after-restore.`,
    );
  }
  const wanted = ledgerStanding(backup);
  if (isDeepStrictEqual(standingOf(file, name), wanted)) return;
  throw new LedgerRefusedError(
    `The ledger ${file} does not stand where ${name} does: the bridge has run since that backup. Use --after-restore.`,
  );
}

/** @throws LedgerRefusedError where it is too damaged to tell */
function standingOf(file: string, backup: string): ReturnType<typeof ledgerStanding> {
  let present: SqliteConnection | undefined;
  try {
    present = openSqliteConnection(file, 'read');
    return ledgerStanding(present);
  } catch (error) {
    if (!isDamage(error)) throw error;
    throw new LedgerRefusedError(
      `The ledger ${file} is damaged, and cannot be compared with ${backup}: nobody can say that nothing happened since the backup. Use --after-restore.`,
      { cause: error },
    );
  } finally {
    present?.close();
  }
}

/** No log beside it: the file alone is everything. Fails where anybody else has it open. */
function toSingleFile(file: string): void {
  const connection = openSqliteConnection(file, 'write');
  try {
    if (connection.pragma('journal_mode = DELETE') !== 'delete') throw new LedgerRefusedError(inUse(file));
  } finally {
    connection.close();
  }
}

async function putInPlace(
  { file, sealFile, now }: RestoreOptions,
  draft: string,
): Promise<string | undefined> {
  const suffix = freeSuffix(file, new Date(now()).toISOString().replaceAll(/[:.]/g, '-'));
  const isThere = existsSync(file);
  const isWhole = isThere && closeDown(file);
  // Before the ledger: seals that are ahead of it would be refused at the start, missing ones are written anew.
  if (existsSync(sealFile)) await rename(sealFile, `${sealFile}${suffix}`);
  if (isWhole) await link(file, `${file}${suffix}`);
  else {
    // Its log must not be found beside the new one, and least of all its journal, which would be written over it. In
    // between there is no ledger, and the draft keeps a start from making one.
    for (const part of ['', ...sideFiles])
      if (existsSync(`${file}${part}`)) await rename(`${file}${part}`, `${file}${suffix}${part}`);
  }
  await rename(draft, file);
  await syncFile(dirname(file));
  // Last: until the new ledger is in place no bridge may start on one that is in use elsewhere.
  await setMoveMarkAside(file, suffix);
  return isThere ? `${file}${suffix}` : undefined;
}

function freeSuffix(file: string, time: string): string {
  for (let count = 1; ; count += 1) {
    const suffix = `.replaced-${time}${count === 1 ? '' : `-${count}`}`;
    if (!existsSync(`${file}${suffix}`)) return suffix;
  }
}

/** Writes the log of the ledger back and removes it; false where it is too damaged for that. @throws LedgerRefusedError */
function closeDown(file: string): boolean {
  try {
    // First without writing: SQLite throws the log of a damaged file away, and it may be wanted for an examination.
    checkHealth(file);
  } catch {
    return false;
  }
  try {
    toSingleFile(file);
    return true;
  } catch (error) {
    if (error instanceof LedgerRefusedError) throw error;
    if (sqliteCode(error)?.startsWith('SQLITE_BUSY') === true) throw new LedgerRefusedError(inUse(file));
    return false;
  }
}

const inUse = (file: string): string =>
  `Another program has the ledger ${file} open ("message ls", a database browser, a backup). End it, then restore again; nothing was changed.`;

async function removeDraft(draft: string): Promise<void> {
  for (const suffix of ['', ...sideFiles, '.lock']) await rm(`${draft}${suffix}`, { force: true });
}
