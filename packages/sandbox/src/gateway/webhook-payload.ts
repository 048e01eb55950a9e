import type { GatewayMessage } from './message';
import type { Names } from './names';

/** The three that the vendor documents. */
export type WebhookEventType = 'MESSAGE.RECEIVED.SUCCESS' | 'MESSAGE.SEND.SUCCESS' | 'MESSAGE.SEND.FAILED';

/** Something that a webhook tells. */
export interface WebhookEvent {
  readonly eventType: WebhookEventType;
  readonly message: GatewayMessage;
  /** Epoch ms. */
  readonly at: number;
  /** Only of `MESSAGE.SEND.FAILED`. */
  readonly failureReason?: string;
}

/**
 * The body (reference, section 9): S3 keys instead of content or URLs, three names of either generation, and what
 * belongs to the event. A failed one repeats its subject under a second name.
 */
export function webhookPayload(
  { eventType, message, at, failureReason }: WebhookEvent,
  names: Names,
): Record<string, unknown> {
  const { identifier, station, partner, attachments, failures } = message;
  const subject = message.subject ?? '';
  const own = {
    'MESSAGE.RECEIVED.SUCCESS': { receivedAt: at },
    'MESSAGE.SEND.SUCCESS': { sentAt: at },
    'MESSAGE.SEND.FAILED': { failureReason, failures, lastAttemptTime: at, subject },
  };
  return {
    to: 'integration@sandbox.example',
    ...names.put('hookMessage', identifier),
    messageSubject: subject,
    ...names.put('hookPartner', partner),
    partnerName: partner,
    ...names.put('hookStation', station),
    stationName: station,
    attachments: attachments.map(({ key }) => key),
    bucketName: 'mftg-sandbox',
    tenantName: 'sandbox',
    tenantId: 1,
    tenantEmail: 'integration@sandbox.example',
    eventType,
    ...own[eventType],
  };
}
