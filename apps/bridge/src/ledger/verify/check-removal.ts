import { z } from 'zod';
import { verifyChain } from '../chain';
import type { Removal, RemovalEnding } from '../removal';
import { removalHash } from '../removal';
import { sealRoot } from '../seal';
import type { Finding } from './finding';
import { finding } from './finding';

const ending = z.object({
  previous: z.string(),
  events: z.array(z.object({ at: z.number(), event: z.looseObject({ type: z.string() }), hash: z.string() })),
});

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
 * that runs will seal it. What he cannot alter is when each of the message's events was sealed, and so how old they were;
 * and of the events with which it ended he cannot make up any others that lead to hashes which were sealed then. Pure.
 */
export function checkRemoval(record: RemovalRecord, { now, lastSealAt, keptMs }: RemovalFacts): Finding[] {
  const problems: string[] = [];
  const { at, events, headHash, root, sealedAt, left, isThere } = record;
  if (removalHash(record) !== record.hash) problems.push('the record of its removal was altered');
  const hashes = left.map(({ hash }) => hash);
  if (hashes.length !== events || sealRoot(hashes) !== root || !hashes.includes(headHash))
    problems.push(`it was forgotten with ${events} events, and ${hashes.length} or others are left of it`);
  if (isThere) problems.push('it is said to be forgotten, and is there');
  if (sealedAt === null && lastSealAt > at + sealMs)
    problems.push('the record of its removal is in no seal, though there are later ones');
  problems.push(...checkEnding(record));
  // The newest: events of a young message could be said to be an old one's.
  const newest = Math.max(...left.map((one) => one.sealedAt ?? now));
  const age = (sealedAt ?? now) - newest;
  if (hashes.length > 0 && age < keptMs - clockMs)
    problems.push(
      `it was forgotten ${days(age)} days after the newest of its events; they are to be kept for ${days(keptMs)} days`,
    );
  return problems.map((problem) => finding('removal', record.messageId, problem));
}

/** Only what is settled, without bytes and under no legal hold is forgotten, and its last events say so. */
function checkEnding({ messageId, events, headHash, left, ...record }: RemovalRecord): string[] {
  const told = readEnding(record.ending);
  if (told === undefined) return ['nobody can read how it ended'];
  const first = events - told.events.length + 1;
  const timeline = told.events.map((event, index) => ({ ...event, sequence: first + index }));
  const [removal] = timeline;
  if (removal?.event.type !== 'bytes-removed')
    return ['it was forgotten, and no event tells that its bytes were removed'];
  const report = verifyChain(
    messageId,
    timeline,
    { sequence: events, hash: headHash },
    { sequence: first - 1, hash: told.previous },
  );
  if (!report.whole) return [`how it ended was made up: ${report.problem}`];
  const known = new Set(left.map(({ hash }) => hash));
  if (timeline.some(({ hash }) => !known.has(hash)) || (first > 1 && !known.has(told.previous)))
    return ['how it ended was made up: its last events are not among those that are left of it'];
  const holds = timeline.flatMap(({ event }) => (event.type === 'legal-hold' ? event.on : []));
  return holds.at(-1) === true ? ['it was forgotten under a legal hold'] : [];
}

/** Undefined where it is none: whoever wrote it need not have been the bridge. */
function readEnding(text: string): RemovalEnding | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  return ending.safeParse(value).data as RemovalEnding | undefined;
}

const days = (ms: number): string => String(Math.floor(ms / 86_400_000));
