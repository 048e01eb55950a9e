import type { Blob } from '../blob-store';
import { splitBlob } from '../blobs/split-blob';
import type { IncomingAttachment } from './gateway-state';

/** As many messages a partner can send again; the content of older ones is given back. */
const KEPT = 100;

/** A message as its sender keeps it. */
export interface KeptMessage {
  readonly to: string;
  readonly messageId: string;
  readonly subject: string | undefined;
  readonly attachments: readonly IncomingAttachment[];
}

/** A partner's own copies of what it sent: they outlive what the gateway deletes. */
export interface PartnerOutbox {
  /** Takes over the attachments. */
  keep(message: KeptMessage): Promise<void>;
  /** Something to send again; undefined where it was never sent, or too long ago. */
  copy(messageId: string): KeptMessage | undefined;
}

/** Splits contents in one for the sender and one for the way. */
export function splitAttachments(
  attachments: readonly IncomingAttachment[],
): readonly [kept: readonly IncomingAttachment[], sent: readonly IncomingAttachment[]] {
  const pairs = attachments.map((item) => [item, splitBlob(item.blob)] as const);
  const half = (which: 0 | 1): readonly IncomingAttachment[] =>
    pairs.map(([item, blobs]) => ({ ...item, blob: blobs[which] }));
  return [half(0), half(1)];
}

export function createPartnerOutbox(): PartnerOutbox {
  const kept = new Map<string, KeptMessage>();
  async function drop(message: KeptMessage): Promise<void> {
    const blobs: readonly Blob[] = message.attachments.map(({ blob }) => blob);
    await Promise.all(blobs.map((blob) => blob.dispose()));
  }
  return {
    async keep(message) {
      const before = kept.get(message.messageId);
      kept.delete(message.messageId);
      kept.set(message.messageId, message);
      if (before !== undefined) await drop(before);
      for (const [id, oldest] of kept) {
        if (kept.size <= KEPT) break;
        kept.delete(id);
        await drop(oldest);
      }
    },
    copy(messageId) {
      const message = kept.get(messageId);
      if (message === undefined) return undefined;
      const [own, copy] = splitAttachments(message.attachments);
      kept.set(messageId, { ...message, attachments: own });
      return { ...message, attachments: copy };
    },
  };
}
