import { isNotFoundError } from '@mft-bridge/http-transport';
import type { CallOptions } from '@mft-bridge/http-transport';
import type { Delivery } from '../resources/delivery';
import type { InboxMessage } from '../schemas/message';
import type { KnownWebhookEvent, WebhookFailed, WebhookReceived, WebhookSent } from './webhook-event';

/** Whom an event is checked with: an `As2GatewayClient`. */
export interface WebhookVerifier {
  /** Of which `get` is called, without marking read. */
  readonly inbox: { get(id: string, options?: CallOptions): Promise<InboxMessage> };
  /** Of which `delivery` is called. */
  readonly outbox: { delivery(id: string, options?: CallOptions): Promise<Delivery> };
}

/** An event that the service confirmed over REST. What it says there is the truth, not what the event says. */
export type VerifiedWebhook =
  | { readonly event: WebhookReceived; readonly message: InboxMessage }
  | { readonly event: WebhookSent | WebhookFailed; readonly delivery: Delivery };

/** Why an event is not believed. */
export type WebhookDoubt = 'not-found' | 'other-parties';

/** Fetches the message that the event is about (without marking it read) and compares station and partner. */
export async function verifyWebhook(
  gateway: WebhookVerifier,
  event: KnownWebhookEvent,
  options: CallOptions,
): Promise<VerifiedWebhook | WebhookDoubt> {
  if (event.type === 'received') {
    const message = await getUnlessMissing(gateway, event.messageId, options);
    if (!message) return 'not-found';
    return sameParties(event, message) ? { event, message } : 'other-parties';
  }
  const delivery = await gateway.outbox.delivery(event.messageId, options);
  if (delivery.state === 'unknown' && !delivery.message) return 'not-found';
  return sameParties(event, delivery.message ?? {}) ? { event, delivery } : 'other-parties';
}

async function getUnlessMissing(
  { inbox }: WebhookVerifier,
  id: string,
  options: CallOptions,
): Promise<InboxMessage | undefined> {
  try {
    return await inbox.get(id, options);
  } catch (error) {
    if (isNotFoundError(error)) return undefined;
    throw error;
  }
}

function sameParties(
  event: KnownWebhookEvent,
  message: { readonly station?: string; readonly partner?: string },
): boolean {
  return sameWhereGiven(event.station, message.station) && sameWhereGiven(event.partner, message.partner);
}

function sameWhereGiven(left: string | undefined, right: string | undefined): boolean {
  return left === undefined || right === undefined || left === right;
}
