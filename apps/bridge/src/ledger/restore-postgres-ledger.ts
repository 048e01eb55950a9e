import type { PoolClient } from 'pg';
import { assembleLedger } from './assemble-ledger';
import { StaleChangeError } from './ledger';
import { LedgerRefusedError } from './ledger-refused-error';
import type { RestoreMarks } from './mark-restored';
import { markRestored, voidWork } from './mark-restored';
import type { PostgresTarget } from './postgres/postgres-address';
import { readAddress } from './postgres/postgres-address';
import { createPostgresCompiler } from './postgres/postgres-dialect';
import { toPostgresFault } from './postgres/postgres-fault';
import type { PostgresPool } from './postgres/postgres-pool';
import { createPostgresPool } from './postgres/postgres-pool';
import { checkRights, migratePostgres, readPostgresVersion } from './postgres/postgres-schema';
import { runStatement } from './postgres/postgres-writer';
import type { WriterClaim } from './postgres/writer-claim';
import { claimWriting } from './postgres/writer-claim';
import type { Program, ProgramExecutor } from './program';
import type { ReadSource } from './read-source';

/**
 * Marks a ledger on a server that was brought back to an earlier state by the means of the server: what `ledger restore
 * --after-restore` does to a file. All of it is one transaction: killed, it did nothing. Done twice it holds what came since.
 * @throws LedgerRefusedError where a bridge runs, or there is no ledger
 * @throws LedgerUnavailableError where the server cannot be reached
 *
 * @example
 * const { held, searched } = await markPostgresRestored({ url, tls: 'verify', ca: null, schema: 'mft_bridge' }, Date.now);
 */
export async function markPostgresRestored(target: PostgresTarget, now: () => number): Promise<RestoreMarks> {
  const pool = createPostgresPool(readAddress(target), 2);
  const { name } = pool.address;
  try {
    const claim = await claimWriting(pool, () => undefined);
    try {
      if ((await readPostgresVersion(pool)) === undefined)
        throw new LedgerRefusedError(`There is no ledger at ${name}: nothing was restored there.`);
      // As the first start would: the backup may be of an earlier version.
      await migratePostgres(pool, { now });
      await checkRights(pool, 'write');
      return await markAtOnce(pool, claim, now);
    } finally {
      await claim.release();
    }
  } catch (error) {
    throw toPostgresFault(error, name);
  } finally {
    await pool.close();
  }
}

async function markAtOnce(pool: PostgresPool, claim: WriterClaim, now: () => number): Promise<RestoreMarks> {
  const { mayEndIntents } = await claim.takeOver();
  const at = now();
  return pool.use(async (client) => {
    try {
      // One answer for each statement of the text; the types know of one only.
      claim.check((await client.query(claim.begin)) as unknown as Parameters<typeof claim.check>[0]);
      await client.query('set local idle_in_transaction_session_timeout = 0');
      const db = createPostgresCompiler();
      const writer = writerIn(client);
      const ledger = assembleLedger({
        db,
        writer,
        source: sourceIn(client),
        claim: () => Promise.resolve([]),
        now,
        mayEndIntents,
        release: () => undefined,
      });
      const marks = await markRestored(ledger, at);
      await writer.run(voidWork(db, at));
      await client.query('commit');
      return marks;
    } catch (error) {
      await client.query('rollback').catch(() => undefined);
      throw error;
    }
  });
}

/** Programs in the transaction that was begun: none is for itself, all of them are or none. */
const writerIn = (client: PoolClient): ProgramExecutor => ({
  async run<Row>(program: Program<Row>) {
    const answers = await Promise.all(program.map((step) => runStatement(client, step)));
    return answers.map(({ rows, rowCount }, index) => {
      const { expect, otherwise } = program[index] ?? {};
      if (expect !== undefined && rowCount !== expect)
        throw new StaleChangeError(otherwise ?? 'somebody else wrote it meanwhile');
      return rows as unknown as readonly Row[];
    });
  },
  close: () => Promise.resolve(),
});

const sourceIn = (client: PoolClient): ReadSource => ({
  async read(statements) {
    const answers = await Promise.all(statements.map((statement) => runStatement(client, statement)));
    return answers.map(({ rows }) => rows) as never;
  },
  close: () => Promise.resolve(),
});
