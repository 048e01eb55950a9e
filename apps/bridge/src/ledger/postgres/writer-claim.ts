import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { QueryResult } from 'pg';
import pg from 'pg';
import { LedgerRefusedError } from '../ledger-refused-error';
import { LedgerUnavailableError } from '../ledger-unavailable-error';
import { checkDurability, checkServer, durabilityColumns } from './check-server';
import { inTransaction } from './in-transaction';
import { liveMembers } from './join-members';
import { ledgerLock, memberLock, serverNow, sharedWriter } from './member-statements';
import type { PostgresAddress } from './postgres-address';
import { toPostgresFault } from './postgres-fault';
import type { PostgresPool } from './postgres-pool';
import { clientConfig, throughOutage } from './postgres-pool';

/** What each transaction begins with: a look whether this process may write. */
export interface WritingRight {
  readonly begin: string;
  /** Looks at what `begin` answered. @throws LedgerUnavailableError where the right is lost */
  check(answers: readonly QueryResult[]): void;
}

/** The right to write the ledger, held by one process. */
export interface WriterClaim extends WritingRight {
  /**
   * Notes the holder in the ledger, whose tables are there. From here on nobody else's transactions succeed.
   * @throws LedgerRefusedError where several bridges share it
   */
  takeOver(): Promise<TakenOver>;
  release(): Promise<void>;
}

export interface TakenOver {
  /** Whether nobody can be sending any more. Several bridges are not seen to end, and may have written intents a while ago. */
  readonly mayEndIntents: boolean;
}

/** The longest time for sending that a configuration may have (delivery.sendWithin). */
const longestSendMs = 3_600_000;

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
  const key = ledgerLock(address.schema);
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
    begin: `begin; select pg_advisory_xact_lock_shared(${key}, 2); select (select value from setting where key = 'writer') as holder, ${durabilityColumns}`,
    check(answers) {
      const row = answers.at(-1)?.rows[0] as { holder: string | null } | undefined;
      if (row?.holder !== holder) throw lose();
      checkDurability(row, address.name);
    },
    async takeOver() {
      return pool
        .use((borrowed) =>
          inTransaction(borrowed, async () => {
            await borrowed.query('select pg_advisory_xact_lock($1, 2)', [key]);
            await endMembers(borrowed, address);
            const mayEndIntents = await noteWriter(borrowed, holder);
            await borrowed.query('delete from commit_mark');
            return { mayEndIntents };
          }),
        )
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

/** Those that are heard of share the ledger; those that are not are removed, so that they write nothing when they come back. */
async function endMembers(client: pg.ClientBase, { schema, name }: PostgresAddress): Promise<void> {
  const [live] = await liveMembers(client);
  if (live !== undefined) {
    throw new LedgerRefusedError(
      `The ledger at ${name} is shared by several bridges (${live.name} is one of them), and this one would have it for itself (ledger.postgres.singleNode: true). Stop them, or set singleNode: false here. One that was killed counts for half a minute more.`,
    );
  }
  const { rows } = await client.query<{ id: string }>('select id from member');
  for (const { id } of rows) await client.query('select pg_advisory_xact_lock($1)', [memberLock(schema, id)]);
  await client.query('delete from member');
  await client.query('delete from lease');
}

async function noteWriter(client: pg.ClientBase, holder: string): Promise<boolean> {
  const put = `insert into setting (key, value) values ($1, $2) on conflict (key) do update set value = excluded.value`;
  const { rows } = await client.query<{ value: string }>(`select value from setting where key = 'writer'`);
  if (rows[0]?.value === sharedWriter)
    await client.query(
      `insert into setting (key, value) select 'shared-until', (${serverNow} + $1)::text
       on conflict (key) do update set value = excluded.value`,
      [longestSendMs],
    );
  await client.query(put, ['writer', holder]);
  const shared = await client.query<{ recent: number }>(
    `select 1 as recent from setting where key = 'shared-until' and value::bigint > ${serverNow}`,
  );
  return shared.rows.length === 0;
}
