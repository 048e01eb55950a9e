import { LedgerUnavailableError } from './ledger-unavailable-error';

/**
 * The SQLite code of an error, such as `SQLITE_IOERR_FSYNC`; undefined for any other error. Told by its shape:
 * the native part makes errors of the class that loaded it first, which need not be the one imported here.
 */
export function sqliteCode(error: unknown): string | undefined {
  return isErrorLike(error) &&
    'code' in error &&
    typeof error.code === 'string' &&
    error.code.startsWith('SQLITE_')
    ? error.code
    : undefined;
}

function isErrorLike(error: unknown): error is Error {
  return typeof error === 'object' && error !== null && 'message' in error && 'stack' in error;
}

/** A unique key is taken already: somebody else was faster. */
export function isUniqueViolation(error: unknown): boolean {
  const code = sqliteCode(error);
  return code === 'SQLITE_CONSTRAINT_UNIQUE' || code === 'SQLITE_CONSTRAINT_PRIMARYKEY';
}

/** Whether the file or its disk failed, and not just this one statement. */
export function isStorageFault(error: unknown): boolean {
  const code = sqliteCode(error);
  return code !== undefined && storageFaults.some(([prefix]) => code.startsWith(prefix));
}

/** Whether the file is no database any more, or a broken one. */
export function isDamage(error: unknown): boolean {
  const code = sqliteCode(error);
  return code?.startsWith('SQLITE_CORRUPT') === true || code === 'SQLITE_NOTADB';
}

/** A storage fault as a `LedgerUnavailableError` that says what to do; any other error as it is. */
export function toLedgerFault(error: unknown, file: string): Error {
  const code = sqliteCode(error);
  const sentence = storageFaults.find(([prefix]) => code?.startsWith(prefix) === true)?.[1];
  if (code !== undefined && sentence !== undefined) {
    return new LedgerUnavailableError(`${sentence(file)} (${code})`, code, { cause: error });
  }
  return isErrorLike(error) ? error : new Error('the ledger failed for an unknown reason', { cause: error });
}

export const damagedSentence = (file: string): string =>
  `The ledger ${file} is damaged. Stop the bridge, keep the file and the ones beside it (-wal, -shm) for an examination, and put the last backup in its place; starting with an empty ledger would forget what was delivered already.`;

const storageFaults: readonly (readonly [string, (file: string) => string])[] = [
  [
    'SQLITE_FULL',
    (file) =>
      `The disk that holds the ledger ${file} is full; nothing was written. Free some space there: work goes on by itself.`,
  ],
  [
    'SQLITE_IOERR',
    (file) =>
      `The ledger ${file} could not be read or written; nothing of this was kept. Check the disk and the system's log, then restart the bridge.`,
  ],
  ['SQLITE_CORRUPT', damagedSentence],
  ['SQLITE_NOTADB', damagedSentence],
  [
    'SQLITE_READONLY_ROLLBACK',
    (file) =>
      `A start or a restore that was killed left a change of the ledger ${file} half written, and only who writes can take it back. Start the bridge once, or run the restore again: both do it by themselves.`,
  ],
  [
    'SQLITE_READONLY',
    (file) =>
      `The ledger ${file} cannot be written. Let the bridge's user write the file and its directory, and check that the disk is not mounted read-only.`,
  ],
  [
    'SQLITE_CANTOPEN',
    (file) =>
      `The ledger ${file} cannot be opened. Check that its directory is there and that this user may read and write it.`,
  ],
  [
    'SQLITE_PERM',
    (file) => `This user may not open the ledger ${file}. Change the file's owner or its rights.`,
  ],
  [
    'SQLITE_BUSY',
    (file) =>
      `Another program holds the ledger ${file} locked. End it (a database browser, a backup tool): work goes on by itself.`,
  ],
  [
    'SQLITE_PROTOCOL',
    (file) => `The ledger ${file} could not be locked. It must be on a local disk, not on a network share.`,
  ],
  ['SQLITE_NOMEM', (file) => `There was no memory left to work on the ledger ${file}. Give the bridge more.`],
];
