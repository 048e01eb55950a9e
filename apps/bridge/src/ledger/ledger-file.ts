import { existsSync, mkdirSync, openSync, closeSync, fsyncSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Logger } from 'pino';
import { LedgerRefusedError } from './ledger-refused-error';
import { migrate } from './migrate';
import { openSqliteConnection } from './sqlite-connection';

/** The name under which a restore makes the new ledger ready. */
export const draftOf = (file: string): string => `${file}.restoring`;

/** Makes the directory of the ledger, readable by nobody else: partners' names and file names stand in it. */
export function makeLedgerDirectory(file: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
}

/**
 * Makes an empty ledger where there is none. It is built under another name and renamed when it is whole, so
 * that a ledger file which is empty or without tables is never a start that was cut off, but always damage.
 * Call it with the writer's lock held.
 * @throws LedgerRefusedError where the write-ahead log of a lost ledger is still there
 */
export function createLedgerFile(
  file: string,
  options: { now: () => number; logger?: Pick<Logger, 'info'> },
): void {
  if (existsSync(file)) return;
  if (existsSync(draftOf(file))) {
    throw new LedgerRefusedError(
      `The ledger ${file} is missing, because a restore was cut off. Run the same "mft-bridge ledger restore" again.`,
    );
  }
  if (existsSync(`${file}-wal`)) {
    throw new LedgerRefusedError(
      `The ledger ${file} is missing, but the log of its last changes (${file}-wal) is there: the ledger was moved or deleted. Put it back, or a backup in its place; to start with an empty ledger, move the -wal file away.`,
    );
  }
  const draft = `${file}.new`;
  for (const leftover of [draft, `${draft}-wal`, `${draft}-shm`]) rmSync(leftover, { force: true });
  // SQLite gives its side files the rights of this one.
  closeSync(openSync(draft, 'wx', 0o600));
  const connection = openSqliteConnection(draft, 'write');
  try {
    migrate(connection, options);
  } finally {
    // Writes the log back into the file and removes it.
    connection.close();
  }
  renameSync(draft, file);
  syncDirectory(dirname(file));
}

function syncDirectory(directory: string): void {
  // A directory cannot be opened on Windows; its file systems keep their own journal of names.
  if (process.platform === 'win32') return;
  const handle = openSync(directory, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
