import type { Logger } from 'pino';
import type { LedgerClock } from '../ledger-clock';
import type { Hint, Membership, Role } from '../membership';
import { StaleChangeError } from '../ledger';
import type { ProgramExecutor } from '../program';
import type { LeaseRow, MemberRow } from '../tables';
import type { Candidate, Joined } from './join-members';
import { agreeOn } from './join-members';
import type { MemberClaim } from './member-claim';
import { shareOf } from './member-shares';
import { beatStatement, channelOf, leasesStatement, membersStatement } from './member-statements';
import { createMissingMembers, removal } from './missing-members';
import { createNamedLeases } from './named-leases';
import type { PostgresPool } from './postgres-pool';
import { throughOutage } from './postgres-pool';
import { createSideConnection } from './side-connection';

export interface MembershipParts {
  readonly pool: PostgresPool;
  readonly writer: ProgramExecutor;
  readonly claim: MemberClaim;
  readonly candidate: Candidate;
  readonly joined: Joined;
  /** From one beat to the next. */
  readonly beatMs: number;
  readonly clock: LedgerClock;
  readonly monotonic: () => number;
  /** Epoch ms of this machine: it counts the time for which the whole machine was suspended, which the monotonic clock does not. */
  readonly wall: () => number;
  readonly log: Pick<Logger, 'info' | 'warn' | 'debug'>;
}

/** As long as it is open, this bridge says again and again that it is there, and looks after the others. */
export interface OpenMembership extends Membership {
  /** The first beat: from here on it beats by itself. */
  begin(): Promise<void>;
  /** Says nothing more, and is no member any more: what it held is free at once. */
  leave(): Promise<void>;
}

/**
 * From one hint to the next at least. Hints are told beside the commits and not in them: commits that notify wait for each other,
 * and half as many were made a second (measured: 380 instead of 810 with ten connections).
 */
const hintGapMs = 50;

/** Makes the membership of a bridge that has joined. */
export function createMembership(parts: MembershipParts): OpenMembership {
  const { pool, writer, claim, joined, beatMs, clock, monotonic, log } = parts;
  const { id } = joined;
  let { candidate } = parts;
  const { name, leaseMs } = candidate;
  const { schema } = pool.address;
  const joinedAt = monotonic();
  const changed = new Set<() => void>();
  const hinted = new Set<(hint: Hint) => void>();
  const missing = createMissingMembers({ id, beatMs, leaseMs });
  const leases = createNamedLeases({ id, writer, monotonic, leaseMs });
  let members: readonly MemberRow[] = [];
  let down = '';
  let counted = '';
  /** When the last beat that was answered was sent. */
  let beatAt = joinedAt;
  let beatWall = parts.wall();
  const lastHints = new Map<Hint, number>();
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let chores: Promise<void> | undefined;
  let wanted = false;
  let left = false;
  let shown = '';

  const side = createSideConnection({
    address: pool.address,
    channel: channelOf(schema),
    patienceMs: Math.max(beatMs / 2, 1_000),
    onTold: (text) => {
      if (text === 'work' || text === 'intake') for (const listener of hinted) listener(text);
      else beatSoon();
    },
    onBroken: () => beatSoon(),
  });

  const tell = (text: Hint | 'members'): Promise<unknown> =>
    side.use((client) => client.query('select pg_notify($1, $2)', [channelOf(schema), text]));

  async function beat(): Promise<void> {
    const [sent, sentWall] = [monotonic(), parts.wall()];
    const [mine, all, held] = await side.use((client) =>
      Promise.all([
        client.query<{ at: number }>(beatStatement, [id, leaseMs, counted, down]),
        client.query<MemberRow>(membersStatement),
        client.query<LeaseRow>(leasesStatement),
      ]),
    );
    const received = monotonic();
    const at = mine.rows[0]?.at;
    if (at === undefined) {
      claim.lose();
      return;
    }
    clock.measured(at, sent, received);
    [beatAt, beatWall] = [sent, sentWall];
    members = all.rows;
    leases.see(held.rows, members, sent);
    // A common limit is divided anew before the others hear that it is.
    update();
    const isNews = counted !== countOf(members);
    counted = countOf(members);
    const gone = missing.look(members, at, received);
    // Never waited for: a beat must not stand behind what it leads to.
    chores ??= tend(gone).finally(() => {
      chores = undefined;
    });
    if (!isNews) return;
    wanted = true;
    await tell('members');
  }

  async function tend(gone: readonly MemberRow[]): Promise<void> {
    try {
      for (const member of gone) await remove(member);
      await leases.take();
    } catch (error) {
      log.debug({ err: error }, 'what a beat led to could not be done; the next one tries again');
    }
    update();
  }

  async function remove(gone: MemberRow): Promise<void> {
    try {
      await writer.run(removal(schema, gone));
    } catch (error) {
      if (error instanceof StaleChangeError) return;
      throw error;
    }
    log.warn(
      { peer: gone.name },
      'a bridge that was not heard of any more was removed: others go on with what it did',
    );
    members = members.filter((member) => member.id !== gone.id);
    leases.gone(gone.id);
  }

  /** Tells whoever listens, where something is not as it was. */
  function update(): void {
    const now = [share(), members.length, ...leases.held()].join(' ');
    if (now === shown) return;
    shown = now;
    for (const listener of changed) listener();
  }

  function beatSoon(): void {
    wanted = true;
    if (running === undefined && !left) schedule(0);
  }

  function schedule(ms: number): void {
    clearTimeout(timer);
    timer = setTimeout(() => {
      running = round().finally(() => {
        running = undefined;
      });
    }, ms);
  }

  async function round(): Promise<void> {
    wanted = false;
    let next = beatMs;
    try {
      await beat();
    } catch (error) {
      next = Math.min(beatMs, Math.max(100, beatMs / 10));
      log.debug({ err: error }, 'a beat was not answered');
      missing.couldNotLook();
      update();
    }
    if (left || claim.isLost()) return;
    schedule(isWanted() ? 0 : next);
  }

  // A function, since it may have become so while the beat was waited for.
  const isWanted = (): boolean => wanted;

  const isCurrent = (): boolean =>
    !claim.isLost() && monotonic() - beatAt < leaseMs && parts.wall() - beatWall < leaseMs;

  function share(): number {
    if (claim.isLost()) return 0;
    const now = monotonic();
    return shareOf({ id, members, joinedForMs: now - joinedAt, silentForMs: now - beatAt, beatMs });
  }

  return {
    name,
    several: true,
    count: () => Math.max(1, members.length),
    share,
    holds: (role) => isCurrent() && leases.held().has(role),
    async seek(roles: readonly Role[]) {
      leases.seek(roles);
      await chores;
      chores ??= tend([]).finally(() => {
        chores = undefined;
      });
      await chores;
    },
    async handOver(role) {
      const letGo = leases.letGo(role);
      update();
      await letGo;
      // What nobody hears is found by the next beat of whoever else wants it.
      await tell('members').catch(() => undefined);
    },
    refusal: () =>
      isCurrent()
        ? null
        : 'this bridge is cut off from the ledger, and may count as gone by now: nothing is sent from here',
    tellDown(outages) {
      const text = [...outages].sort().join('\n');
      if (text === down) return;
      down = text;
      beatSoon();
    },
    othersGoOn: (why) =>
      members.some(
        (member) =>
          member.id !== id &&
          !member.down.split('\n').some((outage) => outage !== '' && why.startsWith(outage)),
      ),
    async agree(more) {
      const same = { ...candidate.parts.same, ...more.same };
      const next = { ...candidate, parts: { same, alike: { ...candidate.parts.alike, ...more.alike } } };
      for (const text of await agreeOn(pool, id, next, { monotonic, log })) log.warn(text);
      candidate = next;
    },
    hintOthers(hint) {
      const now = monotonic();
      if (members.length < 2 || now - (lastHints.get(hint) ?? -Infinity) < hintGapMs) return;
      lastHints.set(hint, now);
      // What nobody hears is found by whoever looks next.
      tell(hint).catch(() => undefined);
    },
    onHint: (listener) => void hinted.add(listener),
    onChange: (listener) => void changed.add(listener),
    async begin() {
      for (const text of joined.differences) log.warn(text);
      await throughOutage(pool.address.name, beat);
      log.info({ count: members.length }, 'joined the bridges of this ledger');
      schedule(wanted ? 0 : beatMs);
    },
    async leave() {
      left = true;
      clearTimeout(timer);
      await running;
      await chores;
      if (!claim.isLost()) {
        await side
          .use((client) =>
            Promise.all([
              client.query('delete from lease where member = $1', [id]),
              client.query('update due set lease_until = 0, holder = null where holder = $1', [id]),
              client.query('delete from member where id = $1', [id]),
            ]),
          )
          .then(() => tell('members'))
          .catch((error: unknown) =>
            log.debug({ err: error }, 'could not say that it leaves: others find out'),
          );
      }
      await side.close();
    },
  };
}

function countOf(members: readonly MemberRow[]): string {
  return members.map(({ id }) => id).join(' ');
}
