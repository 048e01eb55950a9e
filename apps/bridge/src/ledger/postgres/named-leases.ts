import type { Role } from '../membership';
import type { ProgramExecutor } from '../program';
import type { LeaseRow, MemberRow } from '../tables';
import { takeLeaseStatement } from './member-statements';

/** What one member alone does, and who it is. */
export interface NamedLeases {
  /** What this member would do. */
  seek(roles: readonly Role[]): void;
  /** The ledger says who has what, and who is a member at all. */
  see(leases: readonly LeaseRow[], members: readonly Pick<MemberRow, 'id'>[]): void;
  known(): readonly LeaseRow[];
  held(): ReadonlySet<string>;
  /** Takes what is free, among so many members. */
  take(members: number): Promise<void>;
}

/**
 * A role is taken by whoever finds it free, and kept until its member leaves or is removed. Members that come up together
 * share them: who has his part already takes another one only where it was free for two looks.
 */
export function createNamedLeases({
  id,
  writer,
}: {
  readonly id: string;
  readonly writer: ProgramExecutor;
}): NamedLeases {
  let sought: readonly Role[] = [];
  let known: readonly LeaseRow[] = [];
  let held = new Set<string>();
  let taken = new Set<string>();
  let freeBefore = new Set<string>();

  return {
    seek(roles) {
      sought = roles;
    },
    see(leases, members) {
      known = leases;
      const alive = new Set(members.map((member) => member.id));
      held = new Set(leases.filter(({ member }) => member === id).map(({ name }) => name));
      taken = new Set(leases.filter(({ member }) => alive.has(member)).map(({ name }) => name));
    },
    known: () => known,
    held: () => held,
    async take(members) {
      const part = Math.ceil(sought.length / Math.max(1, members));
      const free = sought.filter((role) => !taken.has(role));
      for (const role of free) {
        if (held.size >= part && !freeBefore.has(role)) continue;
        const [rows] = await writer.run<{ name: string }>([
          { sql: takeLeaseStatement, parameters: [role, id] },
        ]);
        if (rows?.length === 1) held = new Set([...held, role]);
      }
      freeBefore = new Set(free);
    },
  };
}
