import type { Blob } from '../blob-store';
import type { GatewayState, IncomingAttachment } from './gateway-state';
import type { Outbound, ReceivedRecord } from './outbound';
import { goodDisposition, mdn } from './outbound';

/** Content of an attachment that a partner sends. */
export type PartnerAttachment =
  | {
      readonly name: string;
      readonly contentType?: string;
      readonly content: Uint8Array | AsyncIterable<Uint8Array>;
    }
  | {
      readonly name: string;
      readonly contentType?: string;
      /** Computed on read: `bytes` may be many GB. The same seed gives the same bytes. */
      readonly generate: { readonly bytes: number; readonly seed: string | number };
    };

/** A message that a partner sends to a station. */
export interface PartnerMessage {
  /** AS2 identifier of the station. Default: the first station. */
  readonly to?: string;
  /** Default: made up, as by the partner's own system. Angle brackets are part of it. */
  readonly messageId?: string;
  readonly subject?: string;
  readonly attachments: readonly PartnerAttachment[];
}

/** What a partner sent: hashes (lower-case hex) and sizes (bytes) as they stand in the inbox. */
export interface SentRecord {
  readonly messageId: string;
  /** Epoch ms. */
  readonly at: number;
  readonly from: string;
  readonly to: string;
  readonly subject: string | undefined;
  readonly attachments: readonly { readonly name: string; readonly size: number; readonly sha256: string }[];
}

/** The other side of the gateway, in the hands of a test. */
export interface SandboxPartner {
  /**
   * Sends a message. Resolves when it stands unread in the inbox. It works while the gateway is unplugged as well:
   * partners speak AS2, not the REST API.
   *
   * @throws Error where the station is not known or a name or an id cannot be one.
   */
  send(message: PartnerMessage): Promise<SentRecord>;
  /** What arrived at this partner so far, oldest first. */
  readonly received: readonly ReceivedRecord[];
}

export function createPartner(
  identifier: string,
  state: GatewayState,
  outbound: Outbound,
  sent: SentRecord[],
): SandboxPartner {
  async function take(attachment: PartnerAttachment): Promise<IncomingAttachment> {
    const { contentType = 'application/octet-stream' } = attachment;
    // Half a surrogate pair cannot be written in UTF-8; what is stored is what can be sent.
    const name = Buffer.from(attachment.name).toString();
    return { name, contentType, blob: await contentOf(attachment) };
  }

  function contentOf(attachment: PartnerAttachment): Promise<Blob> {
    if ('generate' in attachment) {
      const { bytes, seed } = attachment.generate;
      return Promise.resolve(state.blobs.generated(bytes, seed));
    }
    const { content } = attachment;
    return content instanceof Uint8Array ? state.blobs.fromBytes(content) : state.blobs.fromStream(content);
  }

  return {
    async send(message) {
      const to = message.to ?? state.stations[0] ?? '';
      if (!state.stations.includes(to))
        throw new Error(`There is no station ${to}: this gateway has ${state.stations.join(', ')}.`);
      if (message.messageId === '') throw new Error('A message id cannot be empty.');
      const stored = await state.add({
        box: 'inbox',
        identifier: message.messageId,
        station: to,
        partner: identifier,
        subject: message.subject,
        attachments: await Promise.all(message.attachments.map(take)),
      });
      // The gateway answers AS2 by itself: the partner has its receipt before anybody looked at the content.
      stored.mdn = mdn(stored, goodDisposition(stored), false, stored.timestamp);
      const record: SentRecord = {
        messageId: stored.identifier,
        at: stored.timestamp,
        from: identifier,
        to,
        subject: message.subject,
        attachments: stored.attachments.map(({ name, size, sha256 }) => ({ name, size, sha256 })),
      };
      sent.push(record);
      return record;
    },
    get received() {
      return outbound.received(identifier);
    },
  };
}
