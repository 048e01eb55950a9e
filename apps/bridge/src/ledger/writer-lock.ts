import Database from 'better-sqlite3';
import { LedgerRefusedError } from './ledger-refused-error';
import { sqliteCode, toLedgerFault } from './sqlite-fault';

/** Held while a process may write the ledger. */
export interface WriterLock {
  release(): void;
}

/**
 * Takes the right to write the ledger `file`, at once or not at all.
 *
 * It is an exclusive transaction, for ever open, on an empty database beside the ledger: the lock is the
 * operating system's, so that it ends with the process however that ends, and no stale lock file can stay.
 * @throws LedgerRefusedError where another process, or this one, holds it
 */
export function acquireWriterLock(file: string): WriterLock {
  const lockFile = `${file}.lock`;
  let database: InstanceType<typeof Database> | undefined;
  try {
    database = new Database(lockFile, { timeout: 0 });
    database.exec('begin exclusive');
  } catch (error) {
    database?.close();
    if (sqliteCode(error)?.startsWith('SQLITE_BUSY') === true) {
      throw new LedgerRefusedError(
        `The ledger ${file} is in use: another bridge writes it. Stop that one first, or give this one a ledger file of its own; commands that only read work beside it.`,
      );
    }
    throw toLedgerFault(error, lockFile);
  }
  const held = database;
  return { release: () => void held.close() };
}
