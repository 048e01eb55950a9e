import type { InboxMessage, OutboxMessage } from '../schemas/message';

const AT = Date.UTC(2026, 0, 15, 12);

/**
 * A message as `inbox.get` gives it, with what a test cares about put in.
 *
 * @example const message = buildInboxMessage({ subject: 'Orders', attachmentNames: ['850.edi'] });
 */
export function buildInboxMessage(given: Partial<InboxMessage> = {}): InboxMessage {
  return {
    id: '<1.test@partner.example>',
    station: 'HUB',
    partner: 'ACME',
    subject: 'Test',
    timestamp: AT,
    status: 'Received',
    receiptStatus: 'Sent Signed MDN',
    read: false,
    attachmentNames: ['order.xml'],
    raw: {},
    ...given,
  };
}

/** A message as `outbox.get` gives it. */
export function buildOutboxMessage(given: Partial<OutboxMessage> = {}): OutboxMessage {
  return {
    id: '<1.test@mftgateway.com>',
    station: 'HUB',
    partner: 'ACME',
    subject: 'Test',
    timestamp: AT,
    status: 'Sent',
    attachmentNames: ['invoice.xml'],
    raw: {},
    ...given,
  };
}
