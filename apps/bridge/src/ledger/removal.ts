import { createHash } from 'node:crypto';
import { canonicalJson } from './canonical-json';
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
  /** SHA-256 over the canonical JSON of all of the above. */
  readonly hash: string;
}

/** The record of a message whose events have these hashes, in their order. Pure. */
export function removalOf(messageId: string, hashes: readonly string[], at: number): Removal {
  const body = {
    messageId,
    at,
    events: hashes.length,
    headHash: hashes.at(-1) ?? '',
    root: sealRoot(hashes),
  };
  return { ...body, hash: removalHash(body) };
}

/** What a record's hash must be. Pure. */
export function removalHash({ messageId, at, events, headHash, root }: Omit<Removal, 'hash'>): string {
  const text = canonicalJson({ at, events, forgotten: messageId, head: headHash, root });
  return createHash('sha256').update(text).digest('hex');
}
