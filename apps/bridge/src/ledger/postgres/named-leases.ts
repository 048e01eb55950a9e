import type { Role } from '../membership';
import type { ProgramExecutor } from '../program';
import type { LeaseRow, MemberRow } from '../tables';
import { takeLeaseStatement } from './member-statements';

/** What one member alone does, and who it is. */
export interface NamedLeases {
  /** What this member would do. */
  seek(roles: readonly Role[]): void;
  /** The ledger says who has what, and who is a member at all; it was asked at `sent`, on the monotonic clock. */
  see(leases: readonly LeaseRow[], members: readonly Pick<MemberRow, 'id'>[], sent: number): void;
  /** A member was removed: what it had is free. */
  gone(member: string): void;
  held(): ReadonlySet<string>;
  /** Takes what is free. */
  take(): Promise<void>;
  /** Gives a role back that this member cannot fill. From the call on it is not held. */
  letGo(role: Role): Promise<void>;
}

export interface NamedLeasesOptions {
  readonly id: string;
  readonly writer: ProgramExecutor;
  readonly monotonic: () => number;
  /** ms for which a member counts as alive: within that time each of them has looked what is free. */
  readonly leaseMs: number;
}

/** For so many leases a role that was let go is left to others. */
const restLeases = 20;

/**
 * A role is taken by whoever finds it free, and kept until its member leaves, lets it go or is removed. Members that come up
 * together share them: who has his part already takes another one only where it was free for two looks. Who has let one go takes
 * it again after a rest, or when all others have had the time to take it: better tried in vain than by nobody.
 */
export function createNamedLeases({ id, writer, monotonic, leaseMs }: NamedLeasesOptions): NamedLeases {
  let sought: readonly Role[] = [];
  let members: readonly Pick<MemberRow, 'id'>[] = [];
  let known: readonly LeaseRow[] = [];
  let held = new Set<string>();
  /** Since which look a role was free at each of them, by the monotonic clock. */
  let freeSince = new Map<string, number>();
  const letGoAt = new Map<string, number>();
  /** When it was last written here who has a role: a look that was begun before says nothing about it. */
  const writtenAt = new Map<string, number>();
  let writing: Promise<unknown> = Promise.resolve();

  /** One after the other: a role must not be taken by what was begun before it was let go. */
  function afterOthers<Result>(write: () => Promise<Result>): Promise<Result> {
    const next = writing.then(write);
    writing = next.catch(() => undefined);
    return next;
  }

  function rests(role: Role): boolean {
    const [at, now] = [letGoAt.get(role), monotonic()];
    if (at === undefined || now - at > restLeases * leaseMs) return false;
    return now - Math.max(at, freeSince.get(role) ?? now) < leaseMs;
  }

  function without(role: Role): void {
    held = new Set([...held].filter((name) => name !== role));
  }

  async function take(part: number): Promise<void> {
    const alive = new Set(members.map((member) => member.id));
    const taken = new Set(known.filter(({ member }) => alive.has(member)).map(({ name }) => name));
    const free = sought.filter((role) => !taken.has(role) && !held.has(role));
    for (const role of free) {
      if ((held.size >= part && !freeSince.has(role)) || rests(role)) continue;
      const [rows] = await writer.run<{ name: string }>([
        { sql: takeLeaseStatement, parameters: [role, id] },
      ]);
      if (rows?.length !== 1) continue;
      writtenAt.set(role, monotonic());
      letGoAt.delete(role);
      held = new Set([...held, role]);
    }
    freeSince = new Map(free.map((role) => [role, freeSince.get(role) ?? monotonic()]));
  }

  return {
    seek(roles) {
      sought = roles;
    },
    see(leases, all, sent) {
      [known, members] = [leases, all];
      const mine = new Set(leases.filter(({ member }) => member === id).map(({ name }) => name));
      const names = new Set([...mine, ...held]);
      held = new Set(
        [...names].filter((name) => ((writtenAt.get(name) ?? -Infinity) >= sent ? held : mine).has(name)),
      );
    },
    gone(member) {
      members = members.filter((one) => one.id !== member);
    },
    held: () => held,
    take: () => afterOthers(() => take(Math.ceil(sought.length / Math.max(1, members.length)))),
    async letGo(role) {
      if (!held.has(role)) return;
      without(role);
      writtenAt.set(role, Infinity);
      await afterOthers(async () => {
        without(role);
        letGoAt.set(role, monotonic());
        try {
          await writer.run([
            { sql: 'delete from lease where name = $1 and member = $2', parameters: [role, id] },
          ]);
        } catch (error) {
          // It stands in the ledger as ours: better filled badly than by nobody.
          letGoAt.delete(role);
          throw error;
        } finally {
          writtenAt.set(role, monotonic());
        }
      });
    },
  };
}
