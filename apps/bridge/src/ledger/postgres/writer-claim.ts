import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { QueryResult } from 'pg';
import pg from 'pg';
import { LedgerRefusedError } from '../ledger-refused-error';
import { LedgerUnavailableError } from '../ledger-unavailable-error';
import { checkServer } from './check-server';
import { toPostgresFault } from './postgres-fault';
import type { PostgresPool } from './postgres-pool';
import { clientConfig, throughOutage } from './postgres-pool';

/** The right to write the ledger, held by one process. */
export interface WriterClaim {
  /** Begins a transaction of the holder. */
  readonly begin: string;
  /** Looks at what `begin` answered. @throws LedgerUnavailableError where the claim is lost */
  check(answers: readonly QueryResult[]): void;
  /** Notes the holder in the ledger, whose tables are there. From here on nobody else's transactions succeed. */
  takeOver(): Promise<void>;
  release(): Promise<void>;
}

/** After a kill the server needs a moment to see that the connection is gone. */
const handOverMs = 3_000;
const retryMs = 100;
/** How often a connection that held the lock and broke is made anew. */
const againMs = 500;

/**
 * Takes the right to write. The lock is one of a session: it ends with the connection, however that ends. As a connection
 * may also break while its process lives on, the lock alone guards nothing: its holder's name stands in the ledger, each
 * transaction looks at it, and whoever takes over waits for those that have looked already.
 * @throws LedgerRefusedError where another process holds it
 */
export async function claimWriting(pool: PostgresPool, onLost: (error: Error) => void): Promise<WriterClaim> {
  const { address } = pool;
  const key = createHash('sha256').update(`mft-bridge ledger ${address.schema}`).digest().readInt32BE();
  const holder = randomUUID();
  let client: pg.Client | undefined;
  let released = false;
  let lost: LedgerUnavailableError | undefined;

  function lose(): LedgerUnavailableError {
    if (lost === undefined) {
      lost = new LedgerUnavailableError(
        `Another bridge has taken over the ledger at ${address.name}: this one lost its connection for a while, and the other was started. Nothing more is written from here. Stop one of the two.`,
        'TAKEN_OVER',
      );
      onLost(lost);
    }
    return lost;
  }

  /** Whether the lock was free. The connection that holds it is watched from then on. */
  async function tryLock(): Promise<boolean> {
    const candidate = new pg.Client({ ...clientConfig(address), pipeline: false });
    candidate.on('error', () => undefined);
    try {
      await candidate.connect();
      await checkServer(candidate, address);
      const { rows } = await candidate.query<{ got: number }>('select pg_try_advisory_lock($1, 1) as got', [
        key,
      ]);
      if (rows[0]?.got !== 1) {
        await candidate.end();
        return false;
      }
    } catch (error) {
      await candidate.end().catch(() => undefined);
      throw error;
    }
    client = candidate;
    candidate.once('end', () => {
      client = undefined;
      if (!released) void lockAgain();
    });
    return true;
  }

  /** Where another has got it meanwhile, the next transaction tells. */
  async function lockAgain(): Promise<void> {
    while (!released && lost === undefined) {
      try {
        if (await tryLock()) return;
      } catch {
        // The server is away: as soon as it is back.
      }
      await sleep(againMs, undefined, { ref: false });
    }
  }

  const until = performance.now() + handOverMs;
  while (!(await throughOutage(address.name, tryLock))) {
    if (performance.now() > until) {
      throw new LedgerRefusedError(
        `The ledger at ${address.name} is in use: another bridge writes it. Stop that one first, or give this one a schema of its own (ledger.postgres.schema); commands that only read work beside it.`,
      );
    }
    await sleep(retryMs);
  }

  return {
    begin: `begin; select pg_advisory_xact_lock_shared(${key}, 2); select (select value from setting where key = 'writer') as holder`,
    check(answers) {
      const row = answers.at(-1)?.rows[0] as { holder: string | null } | undefined;
      if (row?.holder !== holder) throw lose();
    },
    async takeOver() {
      await pool
        .use(async (borrowed) => {
          await borrowed.query('begin');
          try {
            await borrowed.query('select pg_advisory_xact_lock($1, 2)', [key]);
            await borrowed.query(
              `insert into setting (key, value) values ('writer', $1) on conflict (key) do update set value = excluded.value`,
              [holder],
            );
            await borrowed.query('delete from commit_mark');
            await borrowed.query('commit');
          } catch (error) {
            await borrowed.query('rollback').catch(() => undefined);
            throw error;
          }
        })
        .catch((error: unknown) => {
          throw toPostgresFault(error, address.name);
        });
    },
    async release() {
      released = true;
      await client?.end();
    },
  };
}
