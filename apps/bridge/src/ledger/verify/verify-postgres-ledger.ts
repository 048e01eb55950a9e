import type { PoolClient } from 'pg';
import type { PostgresTarget } from '../postgres/postgres-address';
import { createPostgresCompiler } from '../postgres/postgres-dialect';
import { toPostgresFault } from '../postgres/postgres-fault';
import { openPoolForReading } from '../postgres/postgres-ledger-reader';
import type { PostgresPool } from '../postgres/postgres-pool';
import { createPostgresReadSource } from '../postgres/postgres-read-source';
import { runStatement } from '../postgres/postgres-writer';
import type { ReadSource } from '../read-source';
import type { VerifyCounts, VerifyRowsOptions } from './verify-rows';
import { verifyRows } from './verify-rows';

/**
 * Checks everything that must always hold in a ledger on a server, beside bridges that write it or without one. Reads
 * only.
 * @throws LedgerRefusedError where there is none, or it is of another version
 * @throws LedgerUnavailableError where the server cannot be reached, or the connection breaks on the way
 */
export async function verifyPostgresLedger(
  target: PostgresTarget,
  options: VerifyRowsOptions,
): Promise<VerifyCounts> {
  const pool = await openPoolForReading(target);
  try {
    return await verifyInPool(pool, options);
  } catch (error) {
    throw toPostgresFault(error, pool.address.name);
  } finally {
    await pool.close();
  }
}

/** All of it over one snapshot: readers and writers are in nobody's way here, and what is found agrees with itself. */
export function verifyInPool(pool: PostgresPool, options: VerifyRowsOptions): Promise<VerifyCounts> {
  return pool.use(async (client) => {
    await client.query('begin isolation level repeatable read read only');
    try {
      // Between two reads objects are looked for in custody, which may take longer than a bridge's transaction ever may.
      await client.query('set local idle_in_transaction_session_timeout = 0');
      const snapshot = sourceOf(client);
      return await verifyRows(
        {
          db: createPostgresCompiler(),
          inSnapshot: (body) => body(snapshot),
          present: createPostgresReadSource(pool),
        },
        options,
      );
    } finally {
      await client.query('rollback').catch(() => undefined);
    }
  });
}

/** Reads in the transaction that was begun, sent together. */
const sourceOf = (client: PoolClient): ReadSource => ({
  async read(statements) {
    const answers = await Promise.all(statements.map((statement) => runStatement(client, statement)));
    return answers.map(({ rows }) => rows) as never;
  },
  close: () => Promise.resolve(),
});
