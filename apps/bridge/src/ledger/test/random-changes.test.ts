import fc from 'fast-check';
import { IllegalTransitionError } from '../../domain/obligation';
import { messageState } from '../../domain/message';
import type { Message } from '../../domain/message';
import type { MessageEvent } from '../../domain/message-event';
import { changing, forwarded, sampleMessage, taking, weighed } from './sample-message';
import { openTemporaryLedger } from './temporary-ledger';

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

const draw = fc.record({
  message: fc.nat(2),
  kind: fc.nat(),
  pick: fc.nat(1_000),
  text: fc.string({ unit: 'binary' }),
});

test('after any sequence of changes the ledger holds exactly what was committed', async () => {
  let run = 0;
  const temporary = await openTemporaryLedger();
  const { ledger } = temporary;
  let commits = 0;
  try {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ attachments: fc.nat(3), destinations: fc.nat(2) }), {
          minLength: 1,
          maxLength: 3,
        }),
        fc.array(fc.array(draw, { minLength: 1, maxLength: 3 }), { maxLength: 40 }),
        async (shapes, steps) => {
          run += 1;
          const known = new Map<number, { message: Message; events: MessageEvent[]; work: Set<string> }>();
          for (const [index, { attachments, destinations }] of shapes.entries()) {
            const names = ['warehouse', 'archive'].slice(0, destinations);
            const sample = sampleMessage(`run${run}-${index}`, { attachments, destinations: names });
            await ledger.commit(taking(sample));
            const work = new Set(sample.effects.map(({ kind, subject }) => `${kind} ${subject}`));
            known.set(index, { message: sample.message, events: [...sample.events], work });
          }
          for (const step of steps) {
            const index = (step[0]?.message ?? 0) % shapes.length;
            const entry = known.get(index)!;
            const change = legalChange(entry.message, step);
            if (change === undefined) continue;
            await ledger.commit(change);
            commits += 1;
            entry.message = change.after;
            entry.events.push(...change.events);
            for (const { kind, subject } of change.next) entry.work.add(`${kind} ${subject}`);
            // From memory, and from the file.
            expect(await ledger.messages.load(change.after.id)).toEqual(change.after);
            expect((await ledger.messages.summary(change.after.id))?.message).toEqual(change.after);
          }
          for (const { message, events, work } of known.values()) {
            const summary = await ledger.messages.summary(message.id);
            expect(summary).toMatchObject({ message, state: messageState(message) });
            expect(new Set(summary!.waiting.map(({ kind, subject }) => `${kind} ${subject}`))).toEqual(work);
            const timeline = await ledger.messages.timeline(message.id);
            expect(timeline.map((stored) => stored.event)).toEqual(events);
            expect(await ledger.audit.verify(message.id)).toMatchObject({ whole: true });
          }
        },
      ),
      { numRuns: 60 },
    );
    // Not a property of nothing: most of what is drawn must be legal.
    expect(commits).toBeGreaterThan(100);
  } finally {
    await temporary.close();
  }
}, 60_000);

function legalChange(
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
