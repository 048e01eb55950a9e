import { join } from 'node:path';
import Database from 'better-sqlite3';
import { LedgerRefusedError } from './ledger-refused-error';
import { sqliteCode, toLedgerFault } from './sqlite-fault';

/** Held while a process may write what it stands for. */
export interface WriterLock {
  release(): void;
}

/**
 * Takes the right to write the ledger `file`, at once or not at all.
 * @throws LedgerRefusedError where another process, or this one, holds it
 */
export function acquireWriterLock(file: string): WriterLock {
  return acquireLock(
    `${file}.lock`,
    `The ledger ${file} is in use: another bridge writes it. Stop that one first, or give this one a ledger file of its own; commands that only read work beside it.`,
  );
}

/**
 * Takes a data directory for a bridge whose ledger is on a server: its exported seals and its cache are one bridge's own, and two
 * on one machine, or with one share between them, would write into each other's.
 * @throws LedgerRefusedError where another bridge runs in it
 */
export function acquireDataDirectory(directory: string): WriterLock {
  return acquireLock(
    join(directory, 'bridge.lock'),
    `The data directory ${directory} is in use: another bridge runs in it. Stop that one first, or give this one a dataDirectory of its own; bridges that share a ledger share custody and no data directory.`,
  );
}

/**
 * It is an exclusive transaction, for ever open, on an empty database: the lock is the operating system's, so that it ends with the
 * process however that ends, and no stale lock file can stay.
 */
function acquireLock(lockFile: string, refusal: string): WriterLock {
  let database: InstanceType<typeof Database> | undefined;
  try {
    database = new Database(lockFile, { timeout: 0 });
    database.exec('begin exclusive');
  } catch (error) {
    database?.close();
    if (sqliteCode(error)?.startsWith('SQLITE_BUSY') === true) throw new LedgerRefusedError(refusal);
    throw toLedgerFault(error, lockFile);
  }
  const held = database;
  return { release: () => void held.close() };
}
