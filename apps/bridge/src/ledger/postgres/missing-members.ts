import type { Program } from '../program';
import type { MemberRow } from '../tables';
import { memberLock } from './member-statements';

/** Finds members that are not heard of any more. */
export interface MissingMembers {
  /**
   * Looks at all members as one beat found them, `at` (epoch ms) by the server's clock and `monotonic` by ours.
   * @returns those that are to be removed
   */
  look(members: readonly MemberRow[], at: number, monotonic: number): readonly MemberRow[];
  /** It could not be looked: silence counts from the next look on. */
  couldNotLook(): void;
}

/**
 * A member is missing when its time is over by the server's clock, and it has been seen to say nothing for longer than from
 * one beat to the next: a server whose clock is set forward, as after a failover, must not have all of them remove each other.
 * Where the clock was set back its time would not be over for long: then the silence alone counts. Silence is what was seen
 * of it: one that could not look itself for a while, since the server was away, has seen nothing of the others either.
 */
export function createMissingMembers({
  id,
  beatMs,
  leaseMs,
}: {
  readonly id: string;
  readonly beatMs: number;
  readonly leaseMs: number;
}): MissingMembers {
  const seen = new Map<string, { readonly beat: number; readonly since: number }>();
  let lookedAt = -Infinity;
  return {
    couldNotLook: () => seen.clear(),
    look(members, at, monotonic) {
      if (monotonic - lookedAt > leaseMs) seen.clear();
      lookedAt = monotonic;
      const known = new Set(members.map((member) => member.id));
      for (const gone of [...seen.keys()].filter((one) => !known.has(one))) seen.delete(gone);
      return members.filter((member) => {
        const before = seen.get(member.id);
        if (member.id === id || before?.beat !== member.beat_until) {
          seen.set(member.id, { beat: member.beat_until, since: monotonic });
          return false;
        }
        const silentMs = monotonic - before.since;
        return (member.beat_until < at && silentMs > 1.2 * beatMs) || silentMs > 1.5 * leaseMs;
      });
    },
  };
}

/**
 * Removes a member, with all that it held. Waits for its transactions that have begun; one that it begins later finds that it is
 * none any more. What it was sending stays intended: until the end of its time for sending nobody else touches it.
 */
export function removal(schema: string, { id, beat_until }: Pick<MemberRow, 'id' | 'beat_until'>): Program {
  return [
    // One that was stopped in the middle of a transaction keeps its lock until the server ends that: tried again, not waited for.
    { sql: `select set_config('lock_timeout', '2s', true)`, parameters: [] },
    { sql: 'select pg_advisory_xact_lock($1)', parameters: [memberLock(schema, id)] },
    {
      sql: 'delete from member where id = $1 and beat_until = $2',
      parameters: [id, beat_until],
      expect: 1,
      otherwise: 'the member was heard of again, or removed by another',
    },
    { sql: 'delete from lease where member = $1', parameters: [id] },
    { sql: 'update due set lease_until = 0, holder = null where holder = $1', parameters: [id] },
  ];
}
