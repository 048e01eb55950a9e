import type { BridgeMessage } from './bridge-api';
import type { Observation } from './sandbox-api';

/** A file that lies in the destination folder. */
export interface FolderFile {
  readonly name: string;
  readonly sha256: string;
}

export interface Count {
  readonly sent: number;
  readonly forwarded: number;
  readonly quarantined: number;
  readonly held: number;
  readonly duplicate: number;
  /** Sent, and neither arrived nor in the bridge's care. */
  readonly lost: number;
  /** Arrived more than once. */
  readonly twice: number;
  /** Arrived although the scanner never allowed those bytes. */
  readonly withoutEvidence: number;
}

/**
 * Counts what became of everything that partners sent, by what the receiving partner and the folder hold and what the
 * scanner saw. The bridge is asked for one thing only: whether it has in its care what did not arrive. Pure.
 */
export function countOutcomes(
  seen: Observation,
  folder: readonly FolderFile[],
  inCare: readonly BridgeMessage[],
): Count {
  const { arrivals, allowed, blocked, becomes } = index(seen, folder);
  const count = { sent: 0, forwarded: 0, quarantined: 0, held: 0, duplicate: 0, lost: 0 };
  const known = new Set<string>();
  const sentContents = new Set<string>();
  for (const { messageId, from, attachments } of [...seen.sent].sort((a, b) => a.at - b.at)) {
    count.sent += 1;
    const message = JSON.stringify([messageId, from, attachments.map(({ sha256 }) => sha256)]);
    if (known.has(message)) {
      count.duplicate += 1;
      continue;
    }
    known.add(message);
    const content = contentKey(attachments.map(({ sha256 }) => becomes.get(sha256) ?? sha256));
    sentContents.add(content);
    const waiting = arrivals.get(content) ?? 0;
    if (waiting > 0) {
      arrivals.set(content, waiting - 1);
      count.forwarded += 1;
    } else if (!isInCare(inCare, messageId, attachments)) count.lost += 1;
    else if (attachments.some(({ sha256 }) => blocked.has(sha256))) count.quarantined += 1;
    else count.held += 1;
  }
  // What arrived and is still not accounted for by a message of its own came once more than it was sent.
  const twice = [...sentContents].reduce((sum, content) => sum + (arrivals.get(content) ?? 0), 0);
  const arrived = [...seen.received.flatMap(({ attachments }) => attachments), ...folder];
  return { ...count, twice, withoutEvidence: arrived.filter(({ sha256 }) => !allowed.has(sha256)).length };
}

const contentKey = (hashes: readonly string[]): string => [...hashes].sort().join();

interface Index {
  /** How often each set of bytes arrived. */
  readonly arrivals: Map<string, number>;
  readonly allowed: ReadonlySet<string>;
  readonly blocked: ReadonlySet<string>;
  /** From the original's hash to the sanitized one's. */
  readonly becomes: ReadonlyMap<string, string>;
}

function index(seen: Observation, folder: readonly FolderFile[]): Index {
  const allowed = new Set<string>();
  const blocked = new Set<string>();
  const becomes = new Map<string, string>();
  for (const { sha256, verdict, sanitizedSha256 } of seen.scanned) {
    if (verdict === 'allowed') allowed.add(sha256);
    if (verdict === 'blocked') blocked.add(sha256);
    if (verdict === 'sanitized' && sanitizedSha256 !== undefined) {
      allowed.add(sanitizedSha256);
      becomes.set(sha256, sanitizedSha256);
    }
  }
  const arrivals = new Map<string, number>();
  const arrived = [...seen.received.map(({ attachments }) => attachments), ...folder.map((file) => [file])];
  for (const files of arrived) {
    const key = contentKey(files.map(({ sha256 }) => sha256));
    arrivals.set(key, (arrivals.get(key) ?? 0) + 1);
  }
  return { arrivals, allowed, blocked, becomes };
}

function isInCare(
  messages: readonly BridgeMessage[],
  messageId: string,
  attachments: Observation['sent'][number]['attachments'],
): boolean {
  const wanted = attachments.map(({ sha256 }) => sha256).join();
  return messages.some(
    (message) =>
      message.gatewayMessageId === messageId &&
      message.attachments.map(({ sha256 }) => sha256).join() === wanted,
  );
}

export function countLine(count: Count): string {
  return [
    `${String(count.sent)} sent`,
    `${String(count.forwarded)} forwarded`,
    `${String(count.quarantined)} quarantined`,
    `${String(count.held)} held`,
    `${String(count.duplicate)} duplicate`,
    `${String(count.lost)} lost`,
    `${String(count.twice)} twice`,
    `${String(count.withoutEvidence)} without evidence`,
  ].join(' · ');
}
