import { parseLossless } from '@mft-bridge/http-transport';
import { messageIdProblem } from '../message-id';
import { fieldNames, pickField } from '../schemas/field-names';
import { attachmentNameOf } from '../schemas/message';
import { present } from '../schemas/present';
import type { WebhookEvent, WebhookMessageEvent } from './webhook-event';

/**
 * Reads the body of a webhook, of either generation of names: the parsed JSON, its text, or its bytes (which keep
 * numbers beyond 2^53). An event that is not known is `unknown` and no error, as the service may add some.
 *
 * @throws SyntaxError when given text or bytes that are no JSON.
 * @example
 * const event = parseWebhook(request.body);
 * if (event.type === 'failed') console.warn(event.messageId, event.reason);
 */
export function parseWebhook(body: unknown): WebhookEvent {
  const raw = bodyOf(body);
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) return { type: 'unknown', raw };
  const record = raw as Record<string, unknown>;
  const eventType = textOf(pickField(record, ['eventType']));
  const messageId = textOf(pickField(record, fieldNames.webhookMessage));
  const unknown: WebhookEvent = { type: 'unknown', ...present({ eventType }), raw };
  // Without an id that can be asked for there is nothing to verify, and so nothing to believe.
  if (messageId === undefined || messageIdProblem(messageId) !== undefined) return unknown;
  const message = messageOf(record, messageId);
  switch (eventType?.toUpperCase()) {
    case 'MESSAGE.RECEIVED.SUCCESS':
      return { type: 'received', ...message, ...present({ receivedAt: numberIn(record, 'receivedAt') }) };
    case 'MESSAGE.SEND.SUCCESS':
      return { type: 'sent', ...message, ...present({ sentAt: numberIn(record, 'sentAt') }) };
    case 'MESSAGE.SEND.FAILED':
      return {
        type: 'failed',
        ...message,
        ...present({
          reason: textIn(record, 'failureReason'),
          failures: numberIn(record, 'failures'),
          lastAttemptAt: numberIn(record, 'lastAttemptTime'),
        }),
      };
    default:
      return unknown;
  }
}

function bodyOf(body: unknown): unknown {
  if (typeof body === 'string') return parseLossless(body);
  if (!(body instanceof Uint8Array)) return body;
  return parseLossless(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8'));
}

function messageOf(record: Record<string, unknown>, messageId: string): WebhookMessageEvent {
  const listed = pickField(record, ['attachments']);
  const keys = Array.isArray(listed) ? listed.filter((key): key is string => typeof key === 'string') : [];
  return {
    messageId,
    ...present({
      station: textOf(pickField(record, fieldNames.webhookStation)),
      stationName: textIn(record, 'stationName'),
      partner: textOf(pickField(record, fieldNames.webhookPartner)),
      partnerName: textIn(record, 'partnerName'),
      subject: textOf(pickField(record, ['messageSubject', 'subject'])),
    }),
    attachmentKeys: keys,
    attachmentNames: keys.map(attachmentNameOf),
    ...present({
      bucket: textIn(record, 'bucketName'),
      tenantId: tenantOf(pickField(record, ['tenantId'])),
      tenant: textIn(record, 'tenantName'),
    }),
    raw: record,
  };
}

function textIn(record: Record<string, unknown>, name: string): string | undefined {
  return textOf(pickField(record, [name]));
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function tenantOf(value: unknown): string | undefined {
  return typeof value === 'number' ? String(value) : textOf(value);
}

function numberIn(record: Record<string, unknown>, name: string): number | undefined {
  const value = pickField(record, [name]);
  const number = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}
