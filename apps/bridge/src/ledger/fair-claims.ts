import type { Stage } from '../domain/message-event';
import { stages } from '../domain/message-event';
import type { ClaimStatements, LookedAt } from './claim-statements';
import { partnersInALook } from './claim-statements';
import { toDueWork } from './due-row';
import type { Ledger } from './ledger';
import type { ProgramExecutor } from './program';
import type { ReadSource } from './read-source';
import { shareRoom } from './share-room';
import type { Statement } from './statement';
import type { DueRow } from './tables';

/** Behind every partner there is: the greatest code point. */
const endOfLine = '\u{10FFFF}';

/**
 * Takes due work so that partners take turns: one that has 10,000 messages waiting delays another by one step and no
 * more. Within a partner the oldest go first.
 *
 * Who was served last is kept for each kind in memory only: after a restart the line begins anew, which harms nobody.
 */
export function createFairClaims(
  statements: ClaimStatements,
  executor: ProgramExecutor,
  source: ReadSource,
): Ledger['due']['claim'] {
  const servedLast = new Map<Stage, string>();

  /** Those next in line, and where the line goes on. */
  async function look(kind: Stage, now: number, room: number): Promise<readonly LookedAt[]> {
    const values = { kind, after: servedLast.get(kind) ?? endOfLine, now, room };
    const [ahead] = await source.read([statements.look(values)]);
    if (ahead.length >= room || isCutOff(ahead)) return ahead;
    const [again] = await source.read([statements.lookFromStart({ ...values, room: room - ahead.length })]);
    return [...ahead, ...again];
  }

  async function claimsOf(
    kind: Stage,
    now: number,
    until: number,
    limit: number,
  ): Promise<readonly Statement<DueRow>[]> {
    // One partner alone takes no turns, and then a seek at both ends (10 µs) saves the look at the line (0.2 ms in a busy bridge,
    // more than the claim itself).
    const [[ends]] = await source.read([statements.ends({ kind })]);
    if (ends !== undefined && ends.first === ends.last) {
      if (ends.first !== null) servedLast.set(kind, ends.first);
      return [statements.claimOldest({ kind, now, until, limit })];
    }
    const line = await look(kind, now, limit);
    const shares = shareRoom(limit, line);
    const last = isCutOff(line) ? line.at(-1) : lastServed(shares);
    if (last !== undefined) servedLast.set(kind, last.partner);
    // Nobody in this look has anything that is due, yet somebody has: without this he would wait for later looks.
    if (shares.length === 0) return [statements.claimOldest({ kind, now, until, limit })];
    return shares.map(({ partner, rows }) => statements.claim({ kind, partner, now, until, limit: rows }));
  }

  return async ({ limits, now, leaseMs }) => {
    // Most claims come when a step has ended and find work of one kind, or none: only that is written.
    const [[found]] = await source.read([statements.peek({ now })]);
    if (found?.expired === 1) await executor.run([statements.expire({ now })]);
    const wanted = stages.filter(
      (kind) => (limits[kind] ?? 0) > 0 && (found?.[kind] === 1 || found?.expired === 1),
    );
    const claims: Statement<DueRow>[] = [];
    for (const kind of wanted) claims.push(...(await claimsOf(kind, now, now + leaseMs, limits[kind] ?? 0)));
    if (claims.length === 0) return [];
    const taken = await executor.run<DueRow>(claims);
    // RETURNING promises no order.
    return taken
      .flat()
      .map(toDueWork)
      .sort((left, right) => left.dueAt - right.dueAt);
  };
}

/** Whether the look ended before the line did. */
const isCutOff = (line: readonly LookedAt[]): boolean => line.at(-1)?.place === partnersInALook;

/** The one that got the last row, in turns of one: the last of those that got most. */
function lastServed<Share extends { readonly rows: number }>(shares: readonly Share[]): Share | undefined {
  const most = Math.max(0, ...shares.map(({ rows }) => rows));
  return shares.filter(({ rows }) => rows === most).at(-1);
}
