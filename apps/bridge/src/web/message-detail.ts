import type { Delivery } from '../domain/delivery';
import type { Evidence, Fingerprint } from '../domain/evidence';
import type { Obligation } from '../domain/obligation';
import type { DueWork, MessageSummary, TimelineEntry } from '../ledger/ledger';
import type { AttachmentView, MessageView } from './message-view';
import { viewAttachment, viewMessage } from './message-view';

export interface AttachmentDetail extends AttachmentView {
  readonly contentType: string | null;
  /** The name under which the scanner knows it. */
  readonly uploadName: string;
  readonly scannerFileId: string | null;
  /** What the conclusion rests on; null until it was weighed. */
  readonly evidence: Evidence | null;
  /** The bytes that the scanner made of it, where it sanitized. */
  readonly sanitized: Fingerprint | null;
  /** The scanner's copy was deleted. */
  readonly disposed: boolean;
}

/** A row of work, due or waiting. Times are epoch ms. */
export type WorkView = Pick<DueWork, 'subject' | 'dueAt' | 'since' | 'attempts' | 'why'> & {
  readonly stage: DueWork['kind'];
};

/** One message with all that is known of it. */
export interface MessageDetail extends MessageView {
  /** Which version of the policy decided; null before. */
  readonly policyVersion: string | null;
  readonly route: string | null;
  /** Marked read at the gateway. */
  readonly acknowledged: boolean;
  readonly attachments: readonly AttachmentDetail[];
  readonly obligations: readonly Obligation[];
  readonly deliveries: readonly Delivery[];
  /** All work on it, the next first; `waiting` is the one of these that a person would ask about. */
  readonly work: readonly WorkView[];
  /** The audit events as they are chained, oldest first. */
  readonly timeline: readonly TimelineEntry[];
}

/** A message in full. Pure. */
export function viewMessageDetail(
  summary: MessageSummary,
  timeline: readonly TimelineEntry[],
): MessageDetail {
  const { message, waiting } = summary;
  return {
    ...viewMessage(summary),
    policyVersion: message.policyVersion,
    route: message.route,
    acknowledged: message.acknowledged,
    attachments: message.attachments.map((attachment) => ({
      ...viewAttachment(attachment),
      contentType: attachment.contentType,
      uploadName: attachment.scan.uploadName,
      scannerFileId: attachment.scan.fileId,
      evidence: attachment.scan.evidence,
      sanitized:
        attachment.scan.sanitized === null
          ? null
          : { size: attachment.scan.sanitized.size, sha256: attachment.scan.sanitized.sha256 },
      disposed: attachment.scan.disposed,
    })),
    obligations: message.obligations,
    deliveries: message.deliveries,
    work: [...waiting]
      .sort((a, b) => a.dueAt - b.dueAt)
      .map(({ kind, subject, dueAt, since, attempts, why }) => ({
        stage: kind,
        subject,
        dueAt,
        since,
        attempts,
        why,
      })),
    timeline,
  };
}
