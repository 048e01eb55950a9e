import fc from 'fast-check';
import { IllegalTransitionError } from '../../domain/obligation';
import type { Message } from '../../domain/message';
import type { MessageEvent } from '../../domain/message-event';
import { changing, forwarded, weighed } from './sample-message';

/** One event for a message as it is, by numbers drawn at random; undefined where it has no part to be about. */
function event(message: Message, kind: number, pick: number, text: string): MessageEvent | undefined {
  const attachment = message.attachments[pick % Math.max(1, message.attachments.length)];
  const delivery = message.deliveries[pick % Math.max(1, message.deliveries.length)];
  const reasons = [{ code: 'delivery-failed' as const, text }];
  const bytes = { size: pick * 1_000_000_007, sha256: text };
  const common: MessageEvent[] = [
    { type: 'acknowledged' },
    { type: 'resent', gatewayTime: pick },
    { type: 'given-up', reasons, to: pick % 2 === 0 ? 'held' : 'dead-letter' },
    { type: 'refused', reasons },
    forwarded(message),
  ];
  const scans: MessageEvent[] =
    attachment === undefined
      ? []
      : [
          { type: 'scan-opened', attachmentId: attachment.id, groupId: text },
          { type: 'file-opened', attachmentId: attachment.id, fileId: text },
          { type: 'uploaded', attachmentId: attachment.id, bytes },
          weighed(message, attachment.id),
          {
            ...(weighed(message, attachment.id) as Extract<MessageEvent, { type: 'weighed' }>),
            sanitized: { ...bytes, custodyKey: text },
          },
          { type: 'disposed', attachmentId: attachment.id },
        ];
  const travels: MessageEvent[] =
    delivery === undefined
      ? []
      : [
          { type: 'intended', deliveryId: delivery.id, at: pick, sendBy: 100 },
          { type: 'submitted', deliveryId: delivery.id, remoteId: `${delivery.id}${text}` },
          { type: 'staged', deliveryId: delivery.id, remoteId: text },
          { type: 'withdrawn', deliveryId: delivery.id, why: text },
          { type: 'delivered', deliveryId: delivery.id, proof: text },
          { type: 'delivery-failed', deliveryId: delivery.id, reasons },
          { type: 'delivery-unknown', deliveryId: delivery.id, reasons },
        ];
  const all = [...common, ...scans, ...travels];
  return all[kind % all.length];
}

/** Numbers of which one event is made. */
export const draw = fc.record({
  message: fc.nat(2),
  kind: fc.nat(),
  pick: fc.nat(1_000),
  text: fc.string({ unit: 'binary' }),
});

/** The change that these events make, as far as they have a part to be about; undefined where they cannot happen. */
export function legalChange(
  message: Message,
  draws: readonly { kind: number; pick: number; text: string }[],
): ReturnType<typeof changing> | undefined {
  try {
    const events: MessageEvent[] = [];
    let current = message;
    for (const { kind, pick, text } of draws) {
      const next = event(current, kind, pick, text);
      if (next === undefined) continue;
      events.push(next);
      current = changing(message, events).after;
    }
    return events.length === 0 ? undefined : changing(message, events);
  } catch (error) {
    if (error instanceof IllegalTransitionError) return undefined;
    throw error;
  }
}
