import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type pg from 'pg';
import { LedgerRefusedError } from '../ledger-refused-error';
import type { MemberParts } from '../membership';
import { knownVersion } from '../schema-version';
import type { MemberRow } from '../tables';
import { checkSchema } from './check-schema';
import { ledgerLock, membersStatement, serverNow, sharedWriter } from './member-statements';
import type { PostgresPool } from './postgres-pool';
import type { Attempted, MemberTimes, SilentMembers } from './silent-members';
import { createSilentMembers, removeMember, untilHeardOrGone } from './silent-members';

/** What a bridge says of itself when it joins. */
export interface Candidate extends MemberTimes {
  /** For people. */
  readonly name: string;
  /** Version of its program. */
  readonly program: string;
  readonly parts: MemberParts;
}

export interface Joined {
  readonly id: string;
  /** What the configuration of others has otherwise, in sentences for people. */
  readonly differences: readonly string[];
}

/** What watching the others takes. */
export interface JoinTools {
  readonly monotonic: () => number;
  readonly log: Pick<Logger, 'info'>;
}

/** A bridge that has the ledger for itself needs a moment to let it go. */
const handOverMs = 3_000;
const retryMs = 100;

/**
 * Makes this bridge one of those that share the ledger. One joins at a time; it waits for transactions of a bridge that had
 * the ledger for itself, none of whose later ones succeeds. One that is set otherwise, and is not heard of, may be stopped or cut
 * off and come back: it is waited for until it is heard of again, or removed.
 * @throws LedgerRefusedError where one has the ledger for itself, or another is set otherwise in what must be the same
 */
export async function joinMembers(
  pool: PostgresPool,
  candidate: Candidate,
  { monotonic, log }: JoinTools,
): Promise<Joined> {
  const { name, schema } = pool.address;
  const silence = createSilentMembers(schema, { ...candidate, monotonic });
  const until = performance.now() + handOverMs;
  for (;;) {
    const joined = await untilHeardOrGone(
      pool,
      (client) => tryJoin(client, pool, candidate, silence),
      tellWaiting(log),
    );
    if (joined !== undefined) return joined;
    if (performance.now() > until) {
      throw new LedgerRefusedError(
        `The ledger at ${name} is in use by a bridge that has it for itself (ledger.postgres.singleNode: true). Stop that one, or set singleNode: false at all of them; commands that only read work beside it.`,
      );
    }
    await sleep(retryMs);
  }
}

const tellWaiting =
  (log: JoinTools['log']) =>
  (silent: readonly MemberRow[]): void =>
    log.info(
      { peer: silent.map(({ name }) => name).join(', ') },
      'a bridge of this ledger is set otherwise and is not heard of; it is waited until it comes back or is removed',
    );

/** The result is undefined where one has the ledger for itself. */
async function tryJoin(
  client: pg.ClientBase,
  { address }: PostgresPool,
  candidate: Candidate,
  silence: SilentMembers,
): Promise<Attempted<Joined | undefined>> {
  const key = ledgerLock(address.schema);
  const { rows } = await client.query<{ free: number }>(
    `select pg_try_advisory_xact_lock_shared(${String(key)}, 1) as free`,
  );
  if (rows[0]?.free !== 1) return { result: undefined };
  await client.query(`select pg_advisory_xact_lock(${String(key)}, 2)`);
  // Since it was looked at first, a newer bridge may have brought it up to date, which waited for no member yet.
  await checkSchema(client, address.name);
  await endSingleWriter(client);
  await removeFormerSelf(client, address.schema, candidate.name);
  const { silent, differences } = await compareAll(client, candidate, silence);
  if (silent.length > 0) return { silent };
  const id = randomUUID().replaceAll('-', '');
  // Not where any is noted still, heard of or not: it may be about to ask what became of a COMMIT that was not answered.
  await client.query('delete from commit_mark where not exists (select 1 from member)');
  await client.query(
    `insert into member (id, name, program, "schema", started_at, beat_until, counted, down, parts)
       values ($1, $2, $3, $4, ${serverNow}, ${serverNow} + $5, '', '', $6)`,
    [id, candidate.name, candidate.program, knownVersion, candidate.leaseMs, JSON.stringify(candidate.parts)],
  );
  return { result: { id, differences } };
}

/**
 * A bridge that was killed and comes back under its name divides the common limits with nobody: what it was before is removed as
 * soon as its time is over, and need not be seen silent first.
 */
async function removeFormerSelf(client: pg.ClientBase, schema: string, name: string): Promise<void> {
  const { rows } = await client.query<MemberRow>(
    `select * from (${membersStatement}) as known where name = $1 and beat_until <= ${serverNow}`,
    [name],
  );
  for (const member of rows) await removeMember(client, schema, member);
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
  { monotonic, log }: JoinTools,
): Promise<readonly string[]> {
  const { schema } = pool.address;
  const silence = createSilentMembers(schema, { ...candidate, monotonic });
  return untilHeardOrGone(
    pool,
    async (client) => {
      await client.query(`select pg_advisory_xact_lock(${String(ledgerLock(schema))}, 2)`);
      const { silent, differences } = await compareAll(client, candidate, silence, id);
      if (silent.length > 0) return { silent };
      await client.query('update member set parts = $2 where id = $1', [id, JSON.stringify(candidate.parts)]);
      return { result: differences };
    },
    tellWaiting(log),
  );
}

/**
 * With all that are noted, heard of or not.
 * @throws LedgerRefusedError where one that is heard of is set otherwise in what must be the same
 */
async function compareAll(
  client: pg.ClientBase,
  candidate: Candidate,
  silence: SilentMembers,
  ownId?: string,
): Promise<{ readonly silent: readonly MemberRow[]; readonly differences: readonly string[] }> {
  const { parts, name } = candidate;
  const differences = new Set<string>();
  const partsOf = (member: MemberRow): MemberParts => JSON.parse(member.parts) as MemberParts;
  const { heard, silent } = await silence.look(client, (member) => {
    if (member.id === ownId) return false;
    const odd = unlike(parts.alike, partsOf(member).alike);
    if (odd.length > 0) differences.add(`bridge ${member.name} is set otherwise: ${odd.join(', ')}`);
    return unlike(parts.same, partsOf(member).same).length > 0;
  });
  const [other] = heard;
  if (other !== undefined) {
    const apart = unlike(parts.same, partsOf(other).same);
    throw new LedgerRefusedError(
      `Bridge ${other.name} shares this ledger and is set otherwise than ${name}: ${apart.join(', ')}. Bridges of one ledger must be the same in that: correct the configuration of one of them, or stop all of them before it is changed. One that was killed counts for half a minute more.`,
    );
  }
  return { silent, differences: [...differences] };
}

/** Those that are heard of. */
export async function liveMembers(client: pg.ClientBase): Promise<readonly MemberRow[]> {
  const { rows } = await client.query<MemberRow>(
    `select * from (${membersStatement}) as known where beat_until > ${serverNow}`,
  );
  return rows;
}

/** Names of what both have, and have otherwise. What only a newer program tells of is not held against an older one. */
function unlike(
  mine: Readonly<Record<string, string>>,
  theirs: Readonly<Record<string, string>>,
): readonly string[] {
  return Object.keys(mine).filter((part) => theirs[part] !== undefined && theirs[part] !== mine[part]);
}
