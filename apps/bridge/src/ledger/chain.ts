import { createHash } from 'node:crypto';
import type { MessageEvent } from '../domain/message-event';
import { canonicalJson } from './canonical-json';
import type { TimelineEntry } from './ledger';

/** Where a message's audit chain ends: number and hash of its last event. */
export interface ChainHead {
  readonly sequence: number;
  /** SHA-256, lower-case hex. */
  readonly hash: string;
}

/** What the first event of every message is chained to. */
export const chainStart: ChainHead = { sequence: 0, hash: '0'.repeat(64) };

/** Appends `events` after `head`. Pure. */
export function extendChain(
  messageId: string,
  head: ChainHead,
  events: readonly MessageEvent[],
  at: number,
): { readonly entries: readonly TimelineEntry[]; readonly head: ChainHead } {
  const entries: TimelineEntry[] = [];
  let last = head;
  for (const event of events) {
    const sequence = last.sequence + 1;
    const hash = linkHash(messageId, last.hash, { sequence, at, event });
    entries.push({ sequence, at, event, hash });
    last = { sequence, hash };
  }
  return { entries, head: last };
}

/** What a check of a chain found. `sequence` is the first event that is wrong or missing. */
export type ChainReport =
  | { readonly whole: true; readonly head: ChainHead }
  | { readonly whole: false; readonly sequence: number; readonly problem: string };

/**
 * Checks a message's chain: no event altered, missing, added or moved. With `head`, the one that stands on the
 * message's own row, also none cut off at the end. `from` is where `entries` begin, where they are only its end. Pure.
 */
export function verifyChain(
  messageId: string,
  entries: readonly TimelineEntry[],
  head?: ChainHead,
  from: ChainHead = chainStart,
): ChainReport {
  let last = from;
  for (const entry of entries) {
    const sequence = last.sequence + 1;
    if (entry.sequence !== sequence) {
      return {
        whole: false,
        sequence,
        problem: `event ${sequence} is missing: event ${entry.sequence} stands in its place`,
      };
    }
    if (entry.hash !== linkHash(messageId, last.hash, entry)) {
      return { whole: false, sequence, problem: `event ${sequence} or its hash was altered` };
    }
    last = { sequence, hash: entry.hash };
  }
  if (head !== undefined && head.sequence !== last.sequence) {
    const sequence = Math.min(head.sequence, last.sequence) + 1;
    return {
      whole: false,
      sequence,
      problem: `the message's row counts ${head.sequence} events, ${last.sequence} are there`,
    };
  }
  if (head !== undefined && head.hash !== last.hash) {
    return {
      whole: false,
      sequence: last.sequence,
      problem: "the last event's hash is not the one on the message's row",
    };
  }
  return { whole: true, head: last };
}

function linkHash(
  messageId: string,
  previous: string,
  { sequence, at, event }: Omit<TimelineEntry, 'hash'>,
): string {
  return createHash('sha256')
    .update(canonicalJson({ at, event, message: messageId, previous, sequence }))
    .digest('hex');
}
