import type { MemberRow } from '../tables';

/** What decides how much of a common limit a member may use. */
export interface ShareFacts {
  readonly id: string;
  /** All members, as of the last beat. */
  readonly members: readonly Pick<MemberRow, 'id' | 'counted'>[];
  /** ms since this member joined, and since its last beat that was answered, on the monotonic clock. */
  readonly joinedForMs: number;
  readonly silentForMs: number;
  readonly beatMs: number;
}

/** Beats that may be missed until a member that says nothing must have stopped by itself. */
const patienceBeats = 2;

/**
 * The part of a common limit that a member may use. Never do all of them together use more than the whole: each divides by all
 * that it knows of; one that comes waits until the others have counted it; and one whose beats are not answered, so that it
 * cannot know of others, uses nothing. Pure.
 */
export function shareOf({ id, members, joinedForMs, silentForMs, beatMs }: ShareFacts): number {
  if (silentForMs > patienceBeats * beatMs || members.length === 0) return 0;
  const isKnown = members.every((member) => member.id === id || member.counted.split(' ').includes(id));
  // Whoever has not counted it by then has had no answer since, and uses nothing.
  const isWaitedFor = joinedForMs > (patienceBeats + 1) * beatMs;
  return isKnown || isWaitedFor ? 1 / members.length : 0;
}
