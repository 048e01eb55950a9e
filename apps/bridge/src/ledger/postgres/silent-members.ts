import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { MemberRow } from '../tables';
import { inTransaction } from './in-transaction';
import { membersStatement, serverNow } from './member-statements';
import { createMissingMembers, removal } from './missing-members';
import { isCollision } from './postgres-fault';
import type { PostgresPool } from './postgres-pool';
import { throughOutage } from './postgres-pool';
import { runStatement } from './postgres-writer';

/** How often members count as alive. */
export interface MemberTimes {
  /** ms from one beat to the next. */
  readonly beatMs: number;
  /** ms after its last beat for which a member counts as alive. */
  readonly leaseMs: number;
}

/** Those beside whom something cannot be done. */
export interface InTheWay {
  /** They are heard of. */
  readonly heard: readonly MemberRow[];
  /** Their time is over, and nobody has removed them yet: they may be stopped, or cut off, and come back. */
  readonly silent: readonly MemberRow[];
}

/** Watches members that are not heard of, on behalf of one who is none of them yet. */
export interface SilentMembers {
  /**
   * Looks at the members in whose way something stands, in a transaction that keeps others from joining. Those that were silent
   * for so long that any member would remove them are removed with it.
   */
  look(client: pg.ClientBase, isUnfit: (member: MemberRow) => boolean): Promise<InTheWay>;
}

export function createSilentMembers(
  schema: string,
  { beatMs, leaseMs, monotonic }: MemberTimes & { readonly monotonic: () => number },
): SilentMembers {
  const missing = createMissingMembers({ id: '', beatMs, leaseMs });
  return {
    async look(client, isUnfit) {
      const { rows } = await client.query<MemberRow & { at: number }>(
        `select known.*, ${serverNow} as at from (${membersStatement}) as known`,
      );
      const unfit = rows.filter(isUnfit);
      const gone = new Set(missing.look(rows, rows[0]?.at ?? 0, monotonic()));
      const silent: MemberRow[] = [];
      const heard: MemberRow[] = [];
      for (const member of unfit) {
        if (gone.has(member) && (await removeMember(client, schema, member))) continue;
        if (member.beat_until > member.at) heard.push(member);
        else silent.push(member);
      }
      return { heard, silent };
    },
  };
}

/** Within a transaction. @returns false where it was heard of again, or another removed it */
export async function removeMember(
  client: pg.ClientBase,
  schema: string,
  member: Pick<MemberRow, 'id' | 'beat_until'>,
): Promise<boolean> {
  for (const step of removal(schema, member)) {
    const { rowCount } = await runStatement(client, step);
    if (step.expect !== undefined && rowCount !== step.expect) return false;
  }
  return true;
}

const retryMs = 200;
/** Each has waited for a lock for two seconds at least. */
const mostCollisions = 20;

/** What a try came to; or in whose silence it must wait. */
export type Attempted<Result> = { readonly result: Result } | { readonly silent: readonly MemberRow[] };

/**
 * Tries again and again, each time in a transaction, until `attempt` finds nobody silent in its way: such a one is
 * heard of again, or removed, within one and a half of its leases.
 */
export async function untilHeardOrGone<Result>(
  { address, use }: Pick<PostgresPool, 'address' | 'use'>,
  attempt: (client: pg.PoolClient) => Promise<Attempted<Result>>,
  onWait: (silent: readonly MemberRow[]) => void,
): Promise<Result> {
  let told = false;
  for (let collisions = 0; ;) {
    try {
      const tried = await throughOutage(address.name, () =>
        use((client) => inTransaction(client, () => attempt(client))),
      );
      if ('result' in tried) return tried.result;
      if (!told) onWait(tried.silent);
      told = true;
    } catch (error) {
      // A transaction of the one to be removed has begun, and is waited for; or the tables are being brought up to date.
      if (!isCollision(error) || collisions >= mostCollisions) throw error;
      collisions += 1;
    }
    await sleep(retryMs);
  }
}
