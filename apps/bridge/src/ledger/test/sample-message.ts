import { advanceMessage } from '../../domain/advance-message';
import type { Message } from '../../domain/message';
import type { Effect, MessageEvent } from '../../domain/message-event';
import type { NewMessage } from '../../domain/new-message';
import { newMessage } from '../../domain/new-message';
import type { Change } from '../ledger';

export interface SampleOptions {
  readonly attachments?: number;
  readonly destinations?: readonly string[];
  readonly unit?: 'message' | 'attachment';
  readonly takenAt?: number;
  readonly gatewayId?: string;
  readonly name?: string;
}

/** Ids `<prefix>-1`, `<prefix>-2`, ... */
export function countingIds(prefix: string): () => string {
  let count = 0;
  return () => `${prefix}-${(count += 1)}`;
}

/** A message just taken, made by the domain itself; its ids start with `prefix`. */
export function sampleMessage(prefix: string, options: SampleOptions = {}): NewMessage {
  const { attachments = 2, destinations = ['warehouse'], unit = 'message', takenAt = 1_000 } = options;
  return newMessage({
    station: 'HUB',
    partner: 'ACME',
    gatewayId: options.gatewayId ?? `<${prefix}@acme>`,
    subject: null,
    gatewayTime: takenAt - 1,
    takenAt,
    attachments: Array.from({ length: attachments }, (_, index) => ({
      name: options.name ?? `${prefix}-${index}.xml`,
      contentType: index === 0 ? 'application/xml' : null,
      media: 'xml' as const,
      size: 5_000_000_000 + index,
      sha256: String(index).repeat(64).slice(0, 64),
      custodyKey: `custody-${prefix}-${index}`,
    })),
    contentDigest: 'd'.repeat(64),
    route: {
      name: 'route',
      match: { station: null, partner: null },
      destinations,
      onUnknown: 'hold',
      readElsewhere: 'hold',
      inOrder: false,
    },
    destinations: destinations.map((name) => ({ name, unit, maxBytes: null, carriesName: () => true })),
    conflict: null,
    mode: 'enforce',
    newId: countingIds(prefix),
  });
}

/** The change that stores a message just taken. */
export function taking({ message, events, effects }: NewMessage, at = message.takenAt): Change {
  return { after: message, events, next: effects, at };
}

/** The change that `events` make. */
export function changing(before: Message, events: readonly MessageEvent[], at = before.takenAt + 1): Change {
  let after = before;
  const next: Effect[] = [];
  for (const event of events) {
    const step = advanceMessage(after, event);
    after = step.message;
    next.push(...step.effects);
  }
  return { before, after, events, next, at };
}

/** Clears one attachment. */
export function weighed(message: Message, attachmentId: string): MessageEvent {
  const { size, sha256 } = message.attachments.find(({ id }) => id === attachmentId)!;
  return {
    type: 'weighed',
    attachmentId,
    evidence: {
      conclusion: 'cleared',
      grade: 'upload-chain',
      bytes: { size, sha256 },
      reasons: [],
      scannerFileId: `file-${attachmentId}`,
    },
    sanitized: null,
  };
}

/** Decides to forward everything; one delivery `<message>-to-<destination>` for each destination. */
export function forwarded(message: Message): MessageEvent {
  const destinations = [...new Set(message.obligations.map(({ destination }) => destination ?? ''))];
  return {
    type: 'decided',
    policyVersion: 'test',
    decisions: message.attachments.map(({ id }) => ({ attachmentId: id, verdict: 'forward', reasons: [] })),
    deliveries: destinations.map((destination) => ({
      id: `${message.id}-to-${destination}`,
      destination,
      obligationIds: message.obligations
        .filter((owed) => owed.destination === destination)
        .map(({ id }) => id),
    })),
  };
}
