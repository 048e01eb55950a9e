import type { KnownWebhookEvent } from '../webhook/webhook-event';

/** Whose names the payload has: those before product version 3.1.1, those since, or both (as in the years between). */
export type WebhookGeneration = 'v1' | 'v2' | 'both';

/** What a test cares about. */
export interface WebhookParts {
  /** Default: one of the sender's. */
  readonly messageId?: string;
  /** AS2 identifier of our side. */
  readonly station?: string;
  /** AS2 identifier of the other side. */
  readonly partner?: string;
  /** Of the message. */
  readonly subject?: string;
  /** Names; the S3 keys are made of them. */
  readonly attachmentNames?: readonly string[];
  /** Milliseconds since 1970. */
  readonly at?: number;
  /** For `failed`. */
  readonly reason?: string;
  /** For `failed`. */
  readonly failures?: number;
}

/**
 * The body of a webhook as the service sends it, ready for `JSON.stringify`.
 *
 * @example await request(app).post(`/hooks/${secret}`).send(buildWebhook('received', { messageId: '<1@x>' }));
 */
export function buildWebhook(
  type: KnownWebhookEvent['type'],
  parts: WebhookParts = {},
  generation: WebhookGeneration = 'v2',
): Record<string, unknown> {
  const {
    messageId = '<1.test@partner.example>',
    station = 'HUB',
    partner = 'ACME',
    subject = 'Test',
    attachmentNames = ['order.xml'],
    at = Date.UTC(2026, 0, 15, 12),
  } = parts;
  const side = type === 'received' ? 'inbox' : 'outbox';
  const v1 = { messageAS2ID: messageId, stationAS2ID: station, partnerAS2ID: partner };
  const v2 = { messageIdentifier: messageId, stationIdentifier: station, partnerIdentifier: partner };
  return {
    to: 'ops@example.com',
    ...(generation === 'v2' ? {} : v1),
    ...(generation === 'v1' ? {} : v2),
    messageSubject: subject,
    stationName: station,
    partnerName: partner,
    attachments: attachmentNames.map(
      (name) => `AS2/files/${station}/${partner}/${side}/${String(at)}/${name}`,
    ),
    bucketName: 'mftg-test',
    tenantName: 'test',
    tenantId: 1,
    tenantEmail: 'ops@example.com',
    ...eventFields(type, at, subject, parts),
  };
}

function eventFields(
  type: KnownWebhookEvent['type'],
  at: number,
  subject: string,
  { reason = 'Received HTTP status code of 422', failures = 1 }: WebhookParts,
): Record<string, unknown> {
  switch (type) {
    case 'received':
      return { eventType: 'MESSAGE.RECEIVED.SUCCESS', receivedAt: at };
    case 'sent':
      return { eventType: 'MESSAGE.SEND.SUCCESS', sentAt: at };
    case 'failed':
      return {
        eventType: 'MESSAGE.SEND.FAILED',
        failureReason: reason,
        failures,
        lastAttemptTime: at,
        subject,
      };
  }
}
