import { createHash } from 'node:crypto';
import { mdnKey } from './gateway-state';
import type { GatewayMessage } from './message';
import type { Names } from './names';
import { isGood } from './outbound';

const STATUS = {
  inbox: 'Received',
  sent: 'Sent',
  queued: 'Queued',
  failed: 'Failed',
  incomplete: 'Incomplete',
} as const;

/**
 * The message object of `GET /message/{inbox|outbox}/{id}` (reference, section 7). As in the vendor's own examples
 * an outbound one has neither `failures` nor `userAgent`, `micMatches` is false inbound, and the transport
 * headers differ in case between the two.
 */
export function messageView(message: GatewayMessage, names: Names): Record<string, unknown> {
  const { station, partner, subject, attachments } = message;
  const incoming = message.box === 'inbox';
  const [sender, receiver] = incoming ? [partner, station] : [station, partner];
  return {
    id: message.serial,
    ...names.put('identifier', message.identifier),
    incoming,
    msgStatus: STATUS[message.box],
    ...(message.mdn === undefined
      ? {}
      : { mdnStatus: incoming ? 'Sent Signed MDN' : 'Received; MDN Signature Verified' }),
    ...names.put('receiver', receiver),
    ...names.put('sender', sender),
    ...(subject === undefined || subject === '' ? {} : { subject }),
    ...(incoming || message.failures > 0 ? { failures: message.failures } : {}),
    attachmentPaths: attachments.map(({ key }) => key),
    compressed: false,
    signed: true,
    encrypted: true,
    mic: mic(message),
    micMatches: !incoming && message.mdn !== undefined && isGood(message.mdn.disposition),
    transportStatusReceived: message.box === 'sent' ? 200 : 0,
    ...(incoming ? { userAgent: 'sandbox partner' } : {}),
    timestamp: message.timestamp,
    apiFetched: message.read,
    transportHeaders: {
      [incoming ? 'Message-Id' : 'Message-ID']: message.identifier,
      'AS2-From': sender,
      'AS2-To': receiver,
      'AS2-Version': '1.1',
      ...(subject === undefined ? {} : { Subject: subject }),
    },
    ...mdnView(message, names),
  };
}

function mdnView(message: GatewayMessage, names: Names): Record<string, unknown> {
  const { mdn } = message;
  if (mdn === undefined) return {};
  return {
    mdnMessage: {
      mdnId: `<mdn-${String(message.serial)}@${mdn.incoming ? 'partner.example' : 'mftgateway.com'}>`,
      messageId: message.serial,
      ...names.put('identifier', message.identifier),
      disposition: mdn.disposition,
      humanMessage: mdn.humanMessage,
      rawMdnS3Key: mdnKey(message),
      mic: mic(message),
      signed: true,
      incoming: mdn.incoming,
      status: mdn.incoming ? 'Received' : 'Sent',
      timestamp: mdn.timestamp,
    },
  };
}

/** In the vendor's form. Its value stands for the content but is none that AS2 would compute: no S/MIME is made here. */
function mic(message: GatewayMessage): string {
  const digest = createHash('sha1').update(message.attachments.map(({ sha256 }) => sha256).join());
  return `${digest.digest('base64')}, sha1`;
}

/** The raw receipt as it lies in the bucket. */
export function rawMdn(message: GatewayMessage): Buffer | undefined {
  const { mdn } = message;
  if (mdn === undefined) return undefined;
  const lines = [
    'Content-Type: multipart/report; report-type=disposition-notification; boundary="mdn"',
    '',
    '--mdn',
    'Content-Type: text/plain',
    '',
    mdn.humanMessage,
    '--mdn',
    'Content-Type: message/disposition-notification',
    '',
    `Original-Message-ID: ${message.identifier}`,
    `Disposition: ${mdn.disposition}`,
    `Received-Content-MIC: ${mic(message)}`,
    '',
    '--mdn--',
    '',
  ];
  return Buffer.from(lines.join('\r\n'));
}
