import type { Logger } from 'pino';
import { assembleLedger } from '../assemble-ledger';
import { createClaimStatements } from '../claim-statements';
import { createFairClaims } from '../fair-claims';
import type { Ledger } from '../ledger';
import type { LedgerReader } from '../ledger-reader';
import type { PostgresTarget } from './postgres-address';
import { readAddress } from './postgres-address';
import { createPostgresCompiler, freeRowsOfMany } from './postgres-dialect';
import { toPostgresFault } from './postgres-fault';
import { createPostgresPool } from './postgres-pool';
import { createPostgresReadSource } from './postgres-read-source';
import { checkRights, migratePostgres, readPostgresVersion } from './postgres-schema';
import { createPostgresWriter } from './postgres-writer';
import { claimWriting } from './writer-claim';

export interface PostgresLedgerOptions extends PostgresTarget {
  /** Epoch ms. */
  readonly now: () => number;
  readonly logger?: Pick<Logger, 'info'>;
  /** Makes ids of due rows; random by default. */
  readonly newId?: () => string;
  /** Another bridge has taken over: nothing can be written from here any more. */
  readonly onLost?: (error: Error) => void;
}

export interface OpenedPostgresLedger {
  readonly ledger: Ledger & Pick<LedgerReader, 'audit'>;
  /** Whether the tables were there before. */
  readonly existed: boolean;
}

/** Transactions and reads at a time. */
const connections = 10;

/**
 * Opens the ledger on a server, and makes its tables where the schema is empty. One process may, at a time.
 * @throws LedgerRefusedError where another bridge writes it, it is newer, or the server would lose what it acknowledged
 * @throws LedgerUnavailableError where the server cannot be reached or lets us not in
 *
 * @example
 * const { ledger } = await openPostgresLedger({ url, tls: 'verify', ca: null, schema: 'mft_bridge', now: Date.now });
 */
export async function openPostgresLedger(options: PostgresLedgerOptions): Promise<OpenedPostgresLedger> {
  const { now, newId, onLost = () => undefined } = options;
  const pool = createPostgresPool(readAddress(options), connections);
  const closers: (() => Promise<void>)[] = [() => pool.close()];
  try {
    const lock = await claimWriting(pool, onLost);
    closers.push(() => lock.release());
    const version = await readPostgresVersion(pool);
    await migratePostgres(pool, version, options);
    await checkRights(pool, 'write');
    await lock.takeOver();
    const db = createPostgresCompiler();
    const writer = createPostgresWriter(pool, lock);
    const source = createPostgresReadSource(pool);
    const claim = createFairClaims(createClaimStatements(db, freeRowsOfMany), writer, source);
    const ledger = assembleLedger({
      db,
      writer,
      // The pool serves both: it is closed when the last program is written.
      source: { ...source, close: () => Promise.resolve() },
      claim,
      now,
      newId,
      async release() {
        await pool.close();
        await lock.release();
      },
    });
    return { ledger, existed: version !== undefined };
  } catch (error) {
    for (const close of closers.reverse()) await close();
    throw toPostgresFault(error, pool.address.name);
  }
}
