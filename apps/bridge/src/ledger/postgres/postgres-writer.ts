import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientBase, PoolClient, QueryResult } from 'pg';
import { StaleChangeError } from '../ledger';
import { LedgerUnavailableError } from '../ledger-unavailable-error';
import type { Program, ProgramExecutor, ProgramStep } from '../program';
import type { Statement } from '../statement';
import { encodeParameter, preparedName } from './postgres-dialect';
import { isCollision, isConnectionFault, postgresCode, toPostgresFault } from './postgres-fault';
import type { PostgresPool } from './postgres-pool';
import { throughOutage } from './postgres-pool';
import type { WritingRight } from './writer-claim';

type Rows = readonly (readonly unknown[])[];

/** Who met others in his way so often stands in line behind more than he should. */
const mostCollisions = 8;

/** A COMMIT was sent, and no answer came. */
class CommitUnansweredError extends Error {
  /** What SQL calls it; so its connection is not used again. */
  readonly code = '08007';
  readonly mark: Mark;
  /** What the program returned, should it have been committed. */
  readonly rows: Rows;

  constructor(mark: Mark, rows: Rows) {
    super('a COMMIT was not answered');
    this.mark = mark;
    this.rows = rows;
  }
}

/** Each transaction leaves its name in the row of its connection. */
interface Mark {
  readonly slot: string;
  readonly program: string;
}

const slots = new WeakMap<PoolClient, string>();

function markOf(client: PoolClient): Mark {
  const slot = slots.get(client) ?? randomUUID();
  slots.set(client, slot);
  return { slot, program: randomUUID() };
}

const leaveMark = ({ slot, program }: Mark): Statement => ({
  sql: 'insert into commit_mark (slot, program) values ($1, $2) on conflict (slot) do update set program = excluded.program',
  parameters: [slot, program],
});

/** Waits for whoever is still about to write the row, and says which name stands in it then. */
const readMark = ({ slot }: Mark): Statement => ({
  sql: `insert into commit_mark (slot, program) values ($1, '') on conflict (slot) do update set program = commit_mark.program returning program`,
  parameters: [slot],
});

/** Runs a statement on a connection, prepared there once. */
export function runStatement(
  client: ClientBase,
  { sql, parameters }: Statement,
): Promise<QueryResult<object>> {
  return client.query<object>({
    name: preparedName(sql),
    text: sql,
    values: parameters.map(encodeParameter),
  });
}

/**
 * Runs programs, each as one transaction, several at a time. Statements travel without waiting for the answers before
 * them, so that a program takes two round trips, however long it is.
 *
 * A program is closed, so one that certainly left nothing is run again: after a deadlock, and after a connection that
 * broke before the COMMIT. Where the answer to the COMMIT was lost, the server is asked what became of it.
 */
export function createPostgresWriter(
  pool: PostgresPool,
  claim: WritingRight,
  onLost: (error: Error) => void,
  undecidedMs: number = usualUndecidedMs,
): ProgramExecutor {
  const { name } = pool.address;
  const running = new Set<Promise<unknown>>();
  let closed = false;
  let unknown: LedgerUnavailableError | undefined;

  async function runToEnd(program: Program): Promise<Rows> {
    for (let collisions = 0; ;) {
      try {
        return await throughOutage(name, () => runOnce(program));
      } catch (error) {
        if (!isCollision(error) || collisions >= mostCollisions) throw toPostgresFault(error, name);
        collisions += 1;
        await sleep(Math.random() * 10 * 2 ** collisions);
      }
    }
  }

  async function runOnce(program: Program): Promise<Rows> {
    try {
      return await pool.use((client) => transact(client, program, claim));
    } catch (error) {
      if (!(error instanceof CommitUnansweredError)) throw error;
      if (await wasCommitted(pool, error, undecidedMs).catch(giveUp)) return error.rows;
      // Certainly not: so it may be run again.
      return runOnce(program);
    }
  }

  /**
   * A COMMIT that waits for a standby may be carried out at any later time. What it wrote would be written once more by whoever
   * does not see it, and rows that it claimed would be held by nobody: so nothing is written from here any more. The next start
   * waits for this transaction, which holds the lock of the writers until it is over.
   */
  function giveUp(error: unknown): never {
    if (error instanceof LedgerUnavailableError && unknown === undefined) {
      unknown = error;
      onLost(error);
    }
    throw error;
  }

  return {
    run<Row>(program: Program<Row>): Promise<readonly (readonly Row[])[]> {
      if (closed)
        return Promise.reject(
          new LedgerUnavailableError('The ledger is closed: the bridge is stopping.', 'CLOSED'),
        );
      if (unknown !== undefined) return Promise.reject(unknown);
      const run = runToEnd(program);
      const ended: Promise<void> = run.then(
        () => void running.delete(ended),
        () => void running.delete(ended),
      );
      running.add(ended);
      return run as Promise<readonly (readonly Row[])[]>;
    },
    async close() {
      closed = true;
      await Promise.all(running);
    },
  };
}

async function transact(client: PoolClient, program: Program, claim: WritingRight): Promise<Rows> {
  const mark = markOf(client);
  const answers = [
    client.query(claim.begin),
    runStatement(client, leaveMark(mark)),
    ...program.map((step) => runStatement(client, step)),
  ];
  let rows: Rows;
  try {
    // Waited for whole, so that nothing is under way when the transaction ends; the first failure led to the others.
    const [began, marked, ...results] = (await Promise.allSettled(answers)).map(
      (answer) => () => valueOf(answer),
    );
    // One answer for each statement of the text; the types know of one only.
    claim.check(began?.() as unknown as readonly QueryResult[]);
    marked?.();
    rows = program.map((step, index) => rowsOf(step, results[index]?.()));
  } catch (error) {
    if (!isConnectionFault(error)) await client.query('rollback');
    throw error;
  }
  try {
    const { hasNotice } = await noticing(client, () => client.query('commit'));
    if (!hasNotice) return rows;
  } catch (error) {
    // What the server answered is an answer: it did not commit.
    if (!isConnectionFault(error)) throw error;
  }
  throw new CommitUnansweredError(mark, rows);
}

/**
 * Whoever cancels a COMMIT that waits for a standby gets a warning, and then the answer that it was committed: here it was, and
 * the standby may never have it. The warning's words are in the server's language, and no other comes with a COMMIT: any counts.
 */
async function noticing<Result>(
  client: ClientBase,
  body: () => Promise<Result>,
): Promise<{ readonly result: Result; readonly hasNotice: boolean }> {
  let hasNotice = false;
  const note = (): void => void (hasNotice = true);
  client.on('notice', note);
  try {
    const result = await body();
    return { result, hasNotice };
  } finally {
    client.off('notice', note);
  }
}

function valueOf<Value>(answer: PromiseSettledResult<Value>): Value {
  if (answer.status === 'rejected') throw answer.reason;
  return answer.value;
}

function rowsOf({ expect, otherwise }: ProgramStep, result: QueryResult | undefined): readonly unknown[] {
  const changed = result?.rowCount ?? 0;
  if (expect !== undefined && changed !== expect) {
    throw new StaleChangeError(otherwise ?? `${changed} rows were changed where ${expect} were expected`);
  }
  return result?.rows ?? [];
}

/** How long the server may take to make up its mind: it must end a transaction whose connection is gone. */
const usualUndecidedMs = 60_000;

/**
 * What became of a transaction whose COMMIT was not answered. By a row and not by the transaction's number: a crashed
 * server may give a number again that it had not noted, and would answer for another transaction.
 * @throws LedgerUnavailableError where nobody can tell
 */
async function wasCommitted(
  pool: PostgresPool,
  { mark }: CommitUnansweredError,
  undecidedMs: number,
): Promise<boolean> {
  const { name } = pool.address;
  const until = performance.now() + undecidedMs;
  for (;;) {
    try {
      // It writes: once a standby has that, it has all that was committed before.
      const { result, hasNotice } = await throughOutage(name, () =>
        pool.use((client) => noticing(client, () => runStatement(client, readMark(mark)))),
      );
      if (hasNotice) throw new Error('the look was cut short as well');
      return (result.rows[0] as { program: string } | undefined)?.program === mark.program;
    } catch (error) {
      if (performance.now() > until) {
        throw new LedgerUnavailableError(
          `The answer of PostgreSQL at ${name} to a COMMIT was lost, and it does not answer any more (${postgresCode(error) ?? 'no code'}): nobody knows whether it was written. The bridge ends, and must be started again; look at the server, and at its synchronous standby.`,
          'COMMIT_UNKNOWN',
        );
      }
    }
    await sleep(50);
  }
}
