import type { LedgerReader } from '../ledger-reader';
import { createLedgerReader } from '../ledger-reader';
import { LedgerRefusedError } from '../ledger-refused-error';
import { knownVersion } from '../schema-version';
import type { PostgresTarget } from './postgres-address';
import { readAddress } from './postgres-address';
import { createPostgresCompiler } from './postgres-dialect';
import { toPostgresFault } from './postgres-fault';
import type { PostgresPool } from './postgres-pool';
import { createPostgresPool } from './postgres-pool';
import { createPostgresReadSource } from './postgres-read-source';
import { checkRights, readPostgresVersion } from './postgres-schema';

/**
 * Opens the ledger on a server for reading only, beside a bridge that writes it or without one.
 * @throws LedgerRefusedError where there is none, or it is of another version
 * @throws LedgerUnavailableError where the server cannot be reached or lets us not in
 */
export async function openPostgresLedgerReader(
  target: PostgresTarget,
  now: () => number = Date.now,
): Promise<LedgerReader> {
  const pool = await openPoolForReading(target);
  return createLedgerReader(createPostgresCompiler(), createPostgresReadSource(pool), now);
}

/** Connections to a ledger of the version that this program knows. @throws as openPostgresLedgerReader */
export async function openPoolForReading(target: PostgresTarget): Promise<PostgresPool> {
  const pool = createPostgresPool(readAddress(target), 2);
  const { name } = pool.address;
  try {
    const version = await readPostgresVersion(pool);
    if (version === undefined)
      throw new LedgerRefusedError(`There is no ledger at ${name}. Start the bridge once to make it.`);
    if (version < knownVersion) {
      throw new LedgerRefusedError(
        `The ledger at ${name} is of schema ${version}; this program reads ${knownVersion}. Start the bridge once to bring it up to date.`,
      );
    }
    await checkRights(pool, 'read');
    return pool;
  } catch (error) {
    await pool.close();
    throw toPostgresFault(error, name);
  }
}
