import { existsSync } from 'node:fs';
import type { LedgerReader } from './ledger-reader';
import { createLedgerReader } from './ledger-reader';
import { LedgerRefusedError } from './ledger-refused-error';
import { knownVersion, readSchemaVersion } from './schema-version';
import { createSqliteCompiler } from './sqlite-compiler';
import type { SqliteConnection } from './sqlite-connection';
import { openSqliteConnection } from './sqlite-connection';
import { toLedgerFault } from './sqlite-fault';
import { createSqliteReadSource } from './sqlite-read-source';

/**
 * Opens the embedded ledger for reading only, beside a bridge that writes it or without one.
 * @throws LedgerRefusedError where there is none, or it is of another version
 * @throws LedgerUnavailableError where the file cannot be read
 *
 * @example
 * const reader = await openSqliteLedgerReader('/var/lib/mft-bridge/ledger.db');
 */
export function openSqliteLedgerReader(file: string, now: () => number = Date.now): Promise<LedgerReader> {
  return new Promise((resolve) => {
    const source = createSqliteReadSource(openForReading(file));
    resolve(createLedgerReader(createSqliteCompiler(), source, now));
  });
}

/** A connection that reads a ledger of the version that this program knows. @throws as openSqliteLedgerReader */
export function openForReading(file: string): SqliteConnection {
  if (!existsSync(file)) {
    throw new LedgerRefusedError(
      `There is no ledger at ${file}. Check the path, or start the bridge once to make it.`,
    );
  }
  let connection: SqliteConnection | undefined;
  try {
    connection = openSqliteConnection(file, 'read');
    const version = readSchemaVersion(connection);
    if (version === undefined || version < knownVersion) {
      throw new LedgerRefusedError(
        `The ledger ${file} is of schema ${version ?? 'none'}; this program reads ${knownVersion}. Start the bridge once to bring it up to date.`,
      );
    }
    return connection;
  } catch (error) {
    connection?.close();
    throw toLedgerFault(error, file);
  }
}
