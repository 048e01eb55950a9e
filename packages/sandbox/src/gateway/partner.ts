import type { Blob } from '../blob-store';
import type { GatewayState, IncomingAttachment } from './gateway-state';
import type { Outbound, ReceivedRecord } from './outbound';
import { goodDisposition, mdn } from './outbound';
import { createPartnerOutbox, splitAttachments } from './partner-outbox';
import type { GatewayMessage } from './message';

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
  /** The id that it was sent under before; only where it was sent again. */
  readonly resendOf?: string;
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
  /**
   * Sends one of its last 100 messages again, as a sender does that never saw the receipt: the same content under
   * the same id, or under another one (`newId`; true makes one up).
   *
   * @throws Error where this partner has no such message (any more).
   */
  resend(
    message: Pick<SentRecord, 'messageId'>,
    options?: { readonly newId?: boolean | string },
  ): Promise<SentRecord>;
  /** What arrived at this partner so far, oldest first. */
  readonly received: readonly ReceivedRecord[];
}

export function createPartner(
  identifier: string,
  state: GatewayState,
  outbound: Outbound,
  onArrival: (message: GatewayMessage, record: SentRecord) => void,
): SandboxPartner {
  const outbox = createPartnerOutbox();

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

  /** The way into the inbox. */
  async function arrive(
    message: {
      readonly to: string;
      readonly messageId: string | undefined;
      readonly subject: string | undefined;
      readonly attachments: readonly IncomingAttachment[];
    },
    resendOf?: string,
  ): Promise<SentRecord> {
    const { to, messageId, subject, attachments } = message;
    const stored = await state.add({
      box: 'inbox',
      identifier: messageId,
      station: to,
      partner: identifier,
      subject,
      attachments,
    });
    // The gateway answers AS2 by itself: the partner has its receipt before anybody looked at the content.
    stored.mdn = mdn(stored, goodDisposition(stored), false, stored.timestamp);
    const record: SentRecord = {
      messageId: stored.identifier,
      at: stored.timestamp,
      from: identifier,
      to,
      subject,
      attachments: stored.attachments.map(({ name, size, sha256 }) => ({ name, size, sha256 })),
      ...(resendOf === undefined ? {} : { resendOf }),
    };
    onArrival(stored, record);
    return record;
  }

  return {
    async send(message) {
      const to = message.to ?? state.stations[0] ?? '';
      if (!state.stations.includes(to))
        throw new Error(`There is no station ${to}: this gateway has ${state.stations.join(', ')}.`);
      const { messageId, subject } = message;
      if (messageId === '') throw new Error('A message id cannot be empty.');
      const [kept, attachments] = splitAttachments(await Promise.all(message.attachments.map(take)));
      const record = await arrive({ to, messageId, subject, attachments });
      await outbox.keep({ to, messageId: record.messageId, subject, attachments: kept });
      return record;
    },
    async resend({ messageId }, { newId = false } = {}) {
      const again = outbox.copy(messageId);
      if (again === undefined || newId === '')
        throw new Error(`${identifier} sent no message ${messageId} among its last 100: use send().`);
      const id = newId === false ? messageId : newId === true ? undefined : newId;
      return arrive({ ...again, messageId: id }, messageId);
    },
    get received() {
      return outbound.received(identifier);
    },
  };
}
