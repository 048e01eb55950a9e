import type { PoolClient } from 'pg';
import type { ReadSource, RowsOf } from '../read-source';
import type { Statement } from '../statement';
import { isConnectionFault } from './postgres-fault';
import type { PostgresPool } from './postgres-pool';
import { throughOutage } from './postgres-pool';
import { runStatement } from './postgres-writer';

/** Reads over a pool. What is read may be read again, so a cut connection costs time only. */
export function createPostgresReadSource(pool: PostgresPool): ReadSource {
  return {
    async read<const Statements extends readonly Statement[]>(
      statements: Statements,
    ): Promise<RowsOf<Statements>> {
      const rows = await throughOutage(pool.address.name, () =>
        pool.use((client) => readAll(client, statements)),
      );
      return rows as unknown as RowsOf<Statements>;
    },
    close: () => pool.close(),
  };
}

async function readAll(
  client: PoolClient,
  statements: readonly Statement[],
): Promise<readonly (readonly unknown[])[]> {
  const [only] = statements;
  if (only !== undefined && statements.length === 1) return [(await runStatement(client, only)).rows];
  // One snapshot for all, and one round trip.
  const answers = await Promise.allSettled([
    client.query('begin isolation level repeatable read read only'),
    ...statements.map((statement) => runStatement(client, statement)),
    client.query('commit'),
  ]);
  const failed = answers.find((answer) => answer.status === 'rejected');
  if (failed !== undefined) {
    if (!isConnectionFault(failed.reason)) await client.query('rollback');
    throw failed.reason;
  }
  return answers
    .slice(1, -1)
    .map((answer): readonly unknown[] => (answer.status === 'fulfilled' ? answer.value.rows : []));
}
