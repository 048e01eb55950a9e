import type { Attachment, Message, MessageState } from '../domain/message';
import type { Media } from '../domain/media';
import type { Evidence } from '../domain/evidence';
import type { Reason } from '../domain/reason';
import type { DueWork, MessageSummary } from '../ledger/ledger';

/** An attachment as the API shows it. Names are the partner's: escape them wherever they are shown. */
export interface AttachmentView {
  readonly id: string;
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  readonly sha256: string;
  /** What it is by its content. */
  readonly media: Media;
  /** Absent until the scanner's answer was weighed. */
  readonly verdict?: Evidence['conclusion'];
}

/** Work that could not be done at its first try. */
export interface WaitingView {
  readonly stage: DueWork['kind'];
  readonly why: string;
  /** Epoch ms of the next try. */
  readonly dueAt: number;
}

/** A message as the API and the command line show it. Times are epoch ms. */
export interface MessageView {
  readonly id: string;
  readonly gatewayMessageId: string;
  readonly station: string;
  readonly partner: string;
  readonly subject: string | null;
  /** When the gateway received it; null where the gateway gave no time. */
  readonly receivedAt: number | null;
  /** When it came into custody. */
  readonly takenAt: number;
  readonly state: MessageState;
  /** Why it, or a part of it, is where it is; each reason once. */
  readonly reasons: readonly Reason[];
  readonly waiting?: WaitingView;
  readonly attachments: readonly AttachmentView[];
  /** How often the partner sent the very same again. */
  readonly resends: number;
  /** Names of the destinations that it is owed to. */
  readonly destinations: readonly string[];
}

/**
 * A message as people see it. Pure.
 *
 * @example
 * const { items } = await reader.messages.list({ limit: 50 });
 * const views = items.map(viewMessage);
 */
export function viewMessage({ message, state, waiting }: MessageSummary): MessageView {
  const next = nextWait(waiting);
  return {
    id: message.id,
    gatewayMessageId: message.gatewayId,
    station: message.station,
    partner: message.partner,
    subject: message.subject,
    receivedAt: message.gatewayTime,
    takenAt: message.takenAt,
    state,
    reasons: collectReasons(message),
    ...(next === undefined ? {} : { waiting: next }),
    attachments: message.attachments.map(viewAttachment),
    resends: message.resends,
    destinations: [...new Set(message.obligations.flatMap(({ destination }) => destination ?? []))],
  };
}

export function viewAttachment({ id, name, size, sha256, media, scan }: Attachment): AttachmentView {
  const verdict = scan.evidence?.conclusion;
  return { id, name, size, sha256, media, ...(verdict === undefined ? {} : { verdict }) };
}

/** The union over all obligations: the same reason of two attachments with the same words is one. */
function collectReasons({ obligations }: Message): Reason[] {
  const unique = new Map<string, Reason>();
  for (const reason of obligations.flatMap(({ reasons }) => reasons)) {
    unique.set(`${reason.code}\n${reason.text}`, reason);
  }
  return [...unique.values()];
}

/** Work without a `why` goes its way and waits for nothing. Of the rest, what comes first. */
function nextWait(work: readonly DueWork[]): WaitingView | undefined {
  const waits = work.flatMap(({ kind, why, dueAt }) => (why === null ? [] : [{ stage: kind, why, dueAt }]));
  return waits.sort((a, b) => a.dueAt - b.dueAt)[0];
}
