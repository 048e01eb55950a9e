import type { Delivery } from './delivery';
import type { Evidence, Fingerprint } from './evidence';
import type { Media } from './media';
import type { Obligation } from './obligation';

/** What is known about an attachment's way through the scanner; all null before the first call. */
export interface ScanRecord {
  /** Chosen by us and stored before the first call, so that a lost answer leaves no nameless orphan. */
  readonly groupId: string | null;
  /** Our unique ASCII name: the real one stays in the ledger. */
  readonly uploadName: string;
  readonly fileId: string | null;
  /** What was hashed in order while it left custody; null until the scanner took the whole file. */
  readonly uploaded: Fingerprint | null;
  readonly evidence: Evidence | null;
  /** Sanitized bytes in custody. */
  readonly sanitized: (Fingerprint & { readonly custodyKey: string }) | null;
  /** The scanner's copy was deleted after the outcome. */
  readonly disposed: boolean;
}

export interface Attachment {
  readonly id: string;
  readonly position: number;
  /** As the partner named it: data, never a path. */
  readonly name: string;
  readonly contentType: string | null;
  readonly media: Media;
  readonly size: number;
  readonly sha256: string;
  /** Random id in the custody store. */
  readonly custodyKey: string;
  readonly scan: ScanRecord;
}

/** A message in custody, with all that is owed for it. */
export interface Message {
  readonly id: string;
  readonly station: string;
  readonly partner: string;
  /** The AS2 message id: the partner chose it, so it is no key. */
  readonly gatewayId: string;
  readonly subject: string | null;
  /** The gateway's own time of receipt of the newest identical copy, epoch ms; null where it gave none. */
  readonly gatewayTime: number | null;
  readonly takenAt: number;
  /** SHA-256 over the attachments' names, sizes and hashes in order. */
  readonly contentDigest: string;
  readonly route: string | null;
  /** Marked read at the gateway. */
  readonly acknowledged: boolean;
  /** How often the partner sent the very same again. */
  readonly resends: number;
  readonly policyVersion: string | null;
  /** Counts changes; guards against two writers. */
  readonly revision: number;
  readonly attachments: readonly Attachment[];
  readonly obligations: readonly Obligation[];
  readonly deliveries: readonly Delivery[];
}

/** What the machine or a person sees of a message; derived, never decided on its own. */
export type MessageState =
  | 'scanning'
  | 'deciding'
  | 'delivering'
  | 'forwarded'
  | 'partly-forwarded'
  | 'quarantined'
  | 'held'
  | 'dead-letter';

/** The state of a message, derived from its obligations. Pure. */
export function messageState(message: Message): MessageState {
  const places = new Set(message.obligations.map((obligation) => obligation.place));
  if (places.has('custody')) {
    if (message.deliveries.length > 0) return 'delivering';
    return message.attachments.some((attachment) => attachment.scan.evidence === null)
      ? 'scanning'
      : 'deciding';
  }
  if (places.has('delivered')) return places.size === 1 ? 'forwarded' : 'partly-forwarded';
  if (places.has('dead-letter')) return 'dead-letter';
  return places.has('quarantined') ? 'quarantined' : 'held';
}

/** Whether anything of it is still owed by the machine. */
export function isSettled(message: Message): boolean {
  return message.obligations.every((obligation) => obligation.place !== 'custody');
}
