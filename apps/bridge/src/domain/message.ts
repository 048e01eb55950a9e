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

export type Mode = 'enforce' | 'observe';

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
  /** `observe`: scanned and decided for the record only; nothing is forwarded, and no read flag is touched. */
  readonly mode: Mode;
  /** A person keeps it: retention removes nothing of it. */
  readonly legalHold: boolean;
  /** Its retention is over: the bytes are no longer in custody. */
  readonly bytesRemoved: boolean;
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
  | 'dead-letter'
  | 'observed'
  | 'archived';

/** The state of a message, derived from its obligations. Pure. */
export function messageState(message: Message): MessageState {
  // Retention took the parts away; what is left tells that the message was there, and carries its audit chain.
  if (message.obligations.length === 0) return 'archived';
  const places = new Set(message.obligations.map((obligation) => obligation.place));
  if (places.has('custody')) {
    if (isDecided(message)) return 'delivering';
    return message.attachments.some((attachment) => attachment.scan.evidence === null)
      ? 'scanning'
      : 'deciding';
  }
  if (places.has('delivered')) return places.size === 1 ? 'forwarded' : 'partly-forwarded';
  if (places.has('observed')) return 'observed';
  if (places.has('dead-letter')) return 'dead-letter';
  return places.has('quarantined') ? 'quarantined' : 'held';
}

/** Whether all that is owed travels already; a message that was replayed is decided anew. */
export function isDecided({ obligations }: Message): boolean {
  return obligations.every(({ place, deliveryId }) => place !== 'custody' || deliveryId !== null);
}

/** Whether nothing of it is owed by the machine any more. */
export function isSettled(message: Message): boolean {
  return message.obligations.every((obligation) => obligation.place !== 'custody');
}
