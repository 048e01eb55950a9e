/**
 * Right and wrong uses, at least one pair for each resource. Only compiled, never run: `api-report.test.ts` and the
 * type check of the package fail when a right one stops to compile or a wrong one starts to.
 */
import { createWriteStream } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { As2GatewayClient, createWebhookHandler, parseWebhook } from '../src/index';
import type { Delivery, WebhookHandler } from '../src/index';

const gateway = new As2GatewayClient({ auth: { tokenId: 'i', tokenSecret: 's' } });
// @ts-expect-error one whole way to log in is needed
new As2GatewayClient({ auth: { tokenId: 'i' } });
// @ts-expect-error there is no third generation
new As2GatewayClient({ auth: { username: 'u', password: 'p' }, compat: 'v3' });

export async function inbox(): Promise<void> {
  await gateway.inbox.list({ station: 'HUB', partner: 'ACME', unreadOnly: false, sort: 'desc' });
  await gateway.inbox.list({ id: '<1@x>', pageLength: 10 });
  // @ts-expect-error a primary and a secondary filter: the service would ignore the second
  await gateway.inbox.list({ station: 'HUB', subject: 'x' });
  // @ts-expect-error a primary and a secondary filter
  await gateway.inbox.list({ partner: 'ACME', id: '<1@x>' });
  // @ts-expect-error two secondary filters: the service would ignore one
  await gateway.inbox.list({ id: '<1@x>', subject: 'x' });
  // @ts-expect-error the service has no filter by time: that is a search
  await gateway.inbox.list({ since: new Date() });
  for await (const { subject } of gateway.inbox.search({
    partner: 'ACME',
    since: new Date(),
    attachmentName: 'a',
  })) {
    subject satisfies string | undefined;
  }
  // @ts-expect-error a search as well has one kind of filter of the service
  gateway.inbox.search({ partner: 'ACME', subject: 'x', since: 0 });
  // @ts-expect-error a search has no page
  gateway.inbox.search({ partner: 'ACME', page: 2 });
  for await (const message of gateway.inbox.drain({ station: 'HUB', priority: 1 })) {
    for (const attachment of message.attachments) {
      await pipeline(await attachment.open(), createWriteStream('x'));
      (await attachment.open()).body satisfies Readable;
      // @ts-expect-error the address is behind `open`
      attachment.url satisfies string;
    }
    message.station satisfies string;
    await message.acknowledge();
  }
  // @ts-expect-error a drain reads unread messages, whatever their subject
  gateway.inbox.drain({ subject: 'x' });
  (await gateway.inbox.mdn('<1@x>')).disposition?.outcome satisfies string | undefined;
}

export async function outbox(): Promise<void> {
  await gateway.outbox.failed({ partner: 'ACME' });
  await gateway.outbox.list({ box: 'queued', subject: 'x' });
  // @ts-expect-error there is no such box
  await gateway.outbox.list({ box: 'trash' });
  // @ts-expect-error what was sent is neither read nor unread
  await gateway.outbox.sent({ unreadOnly: true });
  // @ts-expect-error two secondary filters
  await gateway.outbox.queued({ id: '<1@x>', subject: 'x' });
  const delivery = await gateway.outbox.waitForDelivery('<1@x>', { timeoutMs: 1 });
  delivery.state satisfies Delivery['state'];
  // @ts-expect-error not every delivery has a receipt
  delivery.disposition.outcome satisfies string;
  await gateway.outbox.findSubmission({ from: 'HUB', to: 'ACME', attachmentNames: ['a'], since: 0 });
  // @ts-expect-error without a time the search would go through all that was ever sent
  await gateway.outbox.findSubmission({ from: 'HUB', to: 'ACME', attachmentNames: ['a'] });
}

export async function messages(source: Readable): Promise<void> {
  const attachment = { name: 'a.xml', contentType: 'text/xml', content: () => source, size: 3 };
  await gateway.messages.send({
    from: 'HUB',
    to: 'ACME',
    attachments: [attachment, { name: 'b', content: Buffer.alloc(1) }],
  });
  // @ts-expect-error a stream that was opened can be sent once only: give the function that opens it
  await gateway.messages.send({ from: 'HUB', to: 'ACME', attachments: [{ name: 'a', content: source }] });
  // @ts-expect-error a receiver is needed
  await gateway.messages.send({ from: 'HUB', attachments: [attachment] });
}

export async function parties(): Promise<void> {
  const store = { type: 'FROM_CERTIFICATE_STORE', alias: 'hub' } as const;
  await gateway.stations.create({ identifier: 'HUB', name: 'Hub', email: ['a@b.c'], certificate: store });
  // @ts-expect-error a station needs a certificate
  await gateway.stations.create({ identifier: 'HUB', name: 'Hub', email: 'a@b.c' });
  const identity = {
    type: 'NEW_SELF_SIGN_CERTIFICATE',
    commonName: 'h',
    password: 'p',
    keyLength: 512,
    validity: 1,
  } as const;
  // @ts-expect-error no key of 512 bits
  await gateway.stations.create({ identifier: 'HUB', name: 'Hub', email: 'a@b.c', certificate: identity });
  // @ts-expect-error no call that changes a station is documented
  await gateway.stations.update('HUB', { name: 'x' });

  const encryptionCertificate = Buffer.alloc(1);
  await gateway.partners.create({
    identifier: 'ACME',
    name: 'Acme',
    url: 'https://a.b',
    encryptionCertificate,
  });
  // @ts-expect-error a partner needs a certificate
  await gateway.partners.create({ identifier: 'ACME', name: 'Acme', url: 'https://a.b' });
  await gateway.partners.update('ACME', {
    httpsBackupCertificateAlias: 'x',
    httpsBackupCertActiveTimeStamp: new Date(),
  });
  // @ts-expect-error a backup certificate has a time from which it holds
  await gateway.partners.update('ACME', { httpsBackupCertificateAlias: 'x' });
  // @ts-expect-error the AS2 identifier cannot be changed
  await gateway.partners.update('ACME', { identifier: 'OTHER' });
}

export async function certificates(): Promise<void> {
  await gateway.certificates.list({ type: 'PARTNER' });
  // @ts-expect-error there is no such kind
  await gateway.certificates.list({ type: 'IDENTITY' });
  const { expiry } = await gateway.certificates.get('hub');
  expiry?.toISOString();
  // @ts-expect-error an expiry that cannot be read for certain is absent
  expiry.toISOString();
}

export function webhooks(body: unknown): WebhookHandler {
  const event = parseWebhook(body);
  if (event.type === 'failed') event.reason satisfies string | undefined;
  // @ts-expect-error only a failed event has a reason
  event.reason satisfies string | undefined;
  // @ts-expect-error an unknown event has no message
  event.messageId satisfies string;
  // @ts-expect-error an unsigned event must be verified: a client is needed
  createWebhookHandler({ secrets: ['x'], onEvent: () => undefined });
  return createWebhookHandler({
    secrets: ['x'],
    gateway,
    onEvent: (verified) => {
      if ('message' in verified) verified.event.type satisfies 'received';
      else verified.delivery.good satisfies boolean;
    },
  });
}

/** Fits `node:http`, and so Express. */
export const listener: (request: IncomingMessage, response: ServerResponse) => void = webhooks({});

export function events(): void {
  gateway.on('hint', ({ notice }) => notice satisfies string);
  // @ts-expect-error there is no such event
  gateway.on('message', () => undefined);
}
