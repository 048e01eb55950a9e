import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { LedgerRefusedError } from '../ledger-refused-error';
import type { MemberParts } from '../membership';
import { knownVersion } from '../schema-version';
import type { MemberRow } from '../tables';
import { ledgerLock, membersStatement, serverNow, sharedWriter } from './member-statements';
import type { PostgresPool } from './postgres-pool';
import { throughOutage } from './postgres-pool';

/** What a bridge says of itself when it joins. */
export interface Candidate {
  /** For people. */
  readonly name: string;
  /** Version of its program. */
  readonly program: string;
  readonly parts: MemberParts;
  /** ms for which it counts as alive after each beat. */
  readonly leaseMs: number;
}

export interface Joined {
  readonly id: string;
  /** What the configuration of others has otherwise, in sentences for people. */
  readonly differences: readonly string[];
}

/** A bridge that has the ledger for itself needs a moment to let it go. */
const handOverMs = 3_000;
const retryMs = 100;

/**
 * Makes this bridge one of those that share the ledger. One joins at a time; it waits for transactions of a bridge that had
 * the ledger for itself, none of whose later ones succeeds.
 * @throws LedgerRefusedError where one has the ledger for itself, or another is set otherwise in what must be the same
 */
export async function joinMembers(pool: PostgresPool, candidate: Candidate): Promise<Joined> {
  const { name } = pool.address;
  const until = performance.now() + handOverMs;
  for (;;) {
    const joined = await throughOutage(name, () => pool.use((client) => tryJoin(client, pool, candidate)));
    if (joined !== undefined) return joined;
    if (performance.now() > until) {
      throw new LedgerRefusedError(
        `The ledger at ${name} is in use by a bridge that has it for itself (ledger.postgres.singleNode: true). Stop that one, or set singleNode: false at all of them; commands that only read work beside it.`,
      );
    }
    await sleep(retryMs);
  }
}

/** Undefined where one has the ledger for itself. */
async function tryJoin(
  client: pg.ClientBase,
  { address }: PostgresPool,
  candidate: Candidate,
): Promise<Joined | undefined> {
  const key = ledgerLock(address.schema);
  return inTransaction(client, async () => {
    const { rows } = await client.query<{ free: number }>(
      `select pg_try_advisory_xact_lock_shared(${String(key)}, 1) as free`,
    );
    if (rows[0]?.free !== 1) return undefined;
    await client.query(`select pg_advisory_xact_lock(${String(key)}, 2)`);
    await endSingleWriter(client);
    const others = await liveMembers(client);
    const differences = compare(candidate, others);
    const id = randomUUID().replaceAll('-', '');
    // Not where any is noted still, heard of or not: it may be about to ask what became of a COMMIT that was not answered.
    await client.query('delete from commit_mark where not exists (select 1 from member)');
    await client.query(
      `insert into member (id, name, program, "schema", started_at, beat_until, counted, down, parts)
       values ($1, $2, $3, $4, ${serverNow}, ${serverNow} + $5, '', '', $6)`,
      [
        id,
        candidate.name,
        candidate.program,
        knownVersion,
        candidate.leaseMs,
        JSON.stringify(candidate.parts),
      ],
    );
    return { id, differences };
  });
}

/** From here on the ledger has several writers; what the one before them held is nobody's. */
async function endSingleWriter(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query<{ value: string }>(`select value from setting where key = 'writer'`);
  if (rows[0]?.value === sharedWriter) return;
  await client.query(
    `insert into setting (key, value) values ('writer', $1) on conflict (key) do update set value = excluded.value`,
    [sharedWriter],
  );
  // Its intents stand: it may be sending still, and whoever takes over waits until it may not any more.
  await client.query('update due set lease_until = 0 where lease_until > 0 and holder is null');
}

/**
 * Adds to what a member said of itself.
 * @throws LedgerRefusedError where another has it otherwise
 */
export async function agreeOn(
  pool: PostgresPool,
  id: string,
  candidate: Candidate,
): Promise<readonly string[]> {
  return throughOutage(pool.address.name, () =>
    pool.use((client) =>
      inTransaction(client, async () => {
        await client.query(`select pg_advisory_xact_lock(${String(ledgerLock(pool.address.schema))}, 2)`);
        const others = (await liveMembers(client)).filter((member) => member.id !== id);
        const differences = compare(candidate, others);
        await client.query('update member set parts = $2 where id = $1', [
          id,
          JSON.stringify(candidate.parts),
        ]);
        return differences;
      }),
    ),
  );
}

/** Runs `body` as one transaction. */
export async function inTransaction<Result>(
  client: pg.ClientBase,
  body: () => Promise<Result>,
): Promise<Result> {
  await client.query('begin');
  try {
    const result = await body();
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
}

/** Those that are heard of. */
export async function liveMembers(client: pg.ClientBase): Promise<readonly MemberRow[]> {
  const { rows } = await client.query<MemberRow>(
    `select * from (${membersStatement}) as known where beat_until > ${serverNow}`,
  );
  return rows;
}

/** @throws LedgerRefusedError */
function compare({ name, parts }: Candidate, others: readonly MemberRow[]): readonly string[] {
  const differences: string[] = [];
  for (const other of others) {
    const theirs = JSON.parse(other.parts) as MemberParts;
    const apart = unlike(parts.same, theirs.same);
    if (apart.length > 0) {
      throw new LedgerRefusedError(
        `Bridge ${other.name} shares this ledger and is set otherwise than ${name}: ${apart.join(', ')}. Bridges of one ledger must be the same in that: correct the configuration of one of them, or stop all of them before it is changed. One that was killed counts for half a minute more.`,
      );
    }
    const odd = unlike(parts.alike, theirs.alike);
    if (odd.length > 0) differences.push(`bridge ${other.name} is set otherwise: ${odd.join(', ')}`);
  }
  return differences;
}

/** Names of what both have, and have otherwise. What only a newer program tells of is not held against an older one. */
function unlike(
  mine: Readonly<Record<string, string>>,
  theirs: Readonly<Record<string, string>>,
): readonly string[] {
  return Object.keys(mine).filter((part) => theirs[part] !== undefined && theirs[part] !== mine[part]);
}
