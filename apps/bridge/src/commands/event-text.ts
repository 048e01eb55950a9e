import { formatByteSize } from '../config/byte-size';
import type { MessageEvent } from '../domain/message-event';
import type { Reason } from '../domain/reason';

/** One line for people about what happened. Ids are shortened as in the tables above it. Pure. */
export function eventText(event: MessageEvent): string {
  switch (event.type) {
    case 'taken':
      return `route ${event.route ?? '(none)'}, ${String(event.attachments)} attachments, ${formatByteSize(event.bytes)}`;
    case 'refused':
    case 'delivery-failed':
    case 'delivery-unknown':
      return sentences(event.reasons);
    case 'restored':
      return sentences(event.reasons);
    case 'given-up':
      return `now ${event.to}: ${sentences(event.reasons)}`;
    case 'acknowledged':
      return 'marked read at the gateway';
    case 'acknowledge-failed':
      return `it stays unread at the gateway, where nobody could mark it read: ${event.why}`;
    case 'resent':
      return 'the partner sent the same again; nothing was forwarded twice';
    case 'scan-opened':
    case 'disposed':
      return `attachment ${shortId(event.attachmentId)}`;
    case 'file-opened':
      return `attachment ${shortId(event.attachmentId)}, file ${event.fileId} at the scanner`;
    case 'uploaded':
      return `attachment ${shortId(event.attachmentId)}, ${formatByteSize(event.bytes.size)}, sha256 ${event.bytes.sha256}`;
    case 'weighed': {
      const { conclusion, grade, reasons } = event.evidence;
      return [
        `attachment ${shortId(event.attachmentId)} ${conclusion} (${grade})`,
        ...reasons.map(({ text }) => text),
      ].join(': ');
    }
    case 'decided':
      return `${event.decisions.map(({ attachmentId, verdict }) => `${shortId(attachmentId)} ${verdict}`).join(', ')} (policy ${event.policyVersion})`;
    case 'observed':
      return `would be ${event.decisions.map(({ attachmentId, verdict }) => `${shortId(attachmentId)} ${verdict}`).join(', ')} (policy ${event.policyVersion}); mode observe`;
    case 'enforced':
      return 'taken for real: it was only observed before';
    case 'replayed':
      return `${event.actor} sent it on its way again, route ${event.route ?? '(none)'}`;
    case 'legal-hold':
      return `${event.actor} ${event.on ? 'put it under legal hold' : 'lifted the legal hold'}: ${event.why}`;
    case 'bytes-removed':
      return `its retention as ${event.place} is over: the bytes are no longer in custody`;
    case 'intended':
      return `delivery ${shortId(event.deliveryId)}: the call begins`;
    case 'send-ended':
      return `delivery ${shortId(event.deliveryId)}: its answer was lost (${event.why})`;
    case 'search-ended':
      return `delivery ${shortId(event.deliveryId)} was not found: it is searched for no longer, and waits for a person`;
    case 'submitted':
    case 'staged':
      return `delivery ${shortId(event.deliveryId)}: ${event.remoteId}`;
    case 'withdrawn':
      return `delivery ${shortId(event.deliveryId)} was not sent: ${event.why}`;
    case 'withheld':
      return `delivery ${shortId(event.deliveryId)} was withheld: ${sentences(event.reasons)}`;
    case 'delivered':
      return `delivery ${shortId(event.deliveryId)}: ${event.proof}`;
  }
}

/** Enough to be unique on one page; `message show` takes it back. */
export function shortId(id: string): string {
  return id.slice(0, 12);
}

function sentences(reasons: readonly Reason[]): string {
  return reasons.map(({ text }) => text).join(' ');
}
