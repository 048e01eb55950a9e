import type { Removal } from '../removal';
import { removalHash } from '../removal';
import { sealRoot } from '../seal';
import type { Finding } from './finding';
import { finding } from './finding';

/** A bridge that runs seals what is new within seconds. */
const sealMs = 60_000;
/** A clock that was set right meanwhile. */
const clockMs = 3_600_000;

/** What a ledger has about a message that was forgotten. */
export interface RemovalRecord extends Removal {
  /** Epoch ms at which the record was sealed; null where it was not. */
  readonly sealedAt: number | null;
  /** What stayed of its events, each with the time of the seal that holds it (null where there is no such seal). */
  readonly left: readonly { readonly hash: string; readonly sealedAt: number | null }[];
  /** The message is there all the same. */
  readonly isThere: boolean;
}

export interface RemovalFacts {
  /** Epoch ms. */
  readonly now: number;
  /** Epoch ms of the newest seal. */
  readonly lastSealAt: number;
  /** How long a message is kept at least, in ms. */
  readonly keptMs: number;
}

/**
 * What does not hold about a record of a removal. Whoever can write the ledger can write such a record too, and a bridge
 * that runs will seal it: what he cannot alter is when the message's events were sealed, and so how old it was. Pure.
 */
export function checkRemoval(record: RemovalRecord, { now, lastSealAt, keptMs }: RemovalFacts): Finding[] {
  const problems: string[] = [];
  const { messageId, at, events, headHash, root, sealedAt, left, isThere } = record;
  if (removalHash(record) !== record.hash) problems.push('the record of its removal was altered');
  const hashes = left.map(({ hash }) => hash);
  if (hashes.length !== events || sealRoot(hashes) !== root || !hashes.includes(headHash))
    problems.push(`it was forgotten with ${events} events, and ${hashes.length} or others are left of it`);
  if (isThere) problems.push('it is said to be forgotten, and is there');
  if (sealedAt === null && lastSealAt > at + sealMs)
    problems.push('the record of its removal is in no seal, though there are later ones');
  const first = Math.min(...left.map((one) => one.sealedAt ?? now));
  const age = (sealedAt ?? now) - first;
  if (hashes.length > 0 && age < keptMs - clockMs)
    problems.push(
      `it was forgotten ${days(age)} days after it was taken; it is to be kept for ${days(keptMs)} days`,
    );
  return problems.map((problem) => finding('removal', messageId, problem));
}

const days = (ms: number): string => String(Math.floor(ms / 86_400_000));
