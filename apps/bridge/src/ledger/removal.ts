import { createHash } from 'node:crypto';
import { canonicalJson } from './canonical-json';
import { chainStart } from './chain';
import type { TimelineEntry } from './ledger';
import { sealRoot } from './seal';

/**
 * The record that retention leaves of a message that it forgot. It is sealed as an event is: so a hash without an event is
 * accounted for by somebody who was there when it was sealed, or stands out.
 */
export interface Removal {
  readonly messageId: string;
  /** Epoch ms. */
  readonly at: number;
  /** How many events its audit chain had, and the hash of the last. */
  readonly events: number;
  readonly headHash: string;
  /** SHA-256 over the hashes of all of them, sorted and one a line. */
  readonly root: string;
  /**
   * Canonical JSON of `RemovalEnding`. The hashes of these events were sealed when they happened, so that this end cannot be
   * made up later: the chain was that long, it is this message's, and it came to where it might be forgotten.
   */
  readonly ending: string;
  /** SHA-256 over the canonical JSON of all of the above. */
  readonly hash: string;
}

/** The events of a chain from the removal of the bytes on. Nearly always that is the last one. */
export interface RemovalEnding {
  /** Hash of the event before them. */
  readonly previous: string;
  readonly events: readonly Pick<TimelineEntry, 'at' | 'event' | 'hash'>[];
}

/** The record of a message with these events, in their order. Pure. */
export function removalOf(messageId: string, timeline: readonly TimelineEntry[], at: number): Removal {
  const hashes = timeline.map(({ hash }) => hash);
  const body = {
    messageId,
    at,
    events: hashes.length,
    headHash: hashes.at(-1) ?? '',
    root: sealRoot(hashes),
    ending: canonicalJson(endingOf(timeline)),
  };
  return { ...body, hash: removalHash(body) };
}

/** Nothing where no bytes were removed: such a message was never to be forgotten. */
function endingOf(timeline: readonly TimelineEntry[]): RemovalEnding {
  const start = timeline.findLastIndex(({ event }) => event.type === 'bytes-removed');
  const events = start < 0 ? [] : timeline.slice(start);
  return {
    previous: timeline.at(start < 0 ? -1 : start - 1)?.hash ?? chainStart.hash,
    events: events.map(({ at, event, hash }) => ({ at, event, hash })),
  };
}

/** What a record's hash must be. Pure. */
export function removalHash(removal: Omit<Removal, 'hash'>): string {
  const { messageId, at, events, headHash, root, ending } = removal;
  const text = canonicalJson({ at, ending, events, forgotten: messageId, head: headHash, root });
  return createHash('sha256').update(text).digest('hex');
}
