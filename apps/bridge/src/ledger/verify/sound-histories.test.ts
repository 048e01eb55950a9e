/** Whatever the state machine lets happen, in whatever order, is no finding: neither while the message is whole nor archived. */
import fc from 'fast-check';
import { advanceMessage } from '../../domain/advance-message';
import type { Message } from '../../domain/message';
import { isSettled, messageState } from '../../domain/message';
import type { MessageEvent } from '../../domain/message-event';
import { IllegalTransitionError } from '../../domain/obligation';
import { reason } from '../../domain/reason';
import { countingIds, sampleMessage, weighed } from '../test/sample-message';
import { checkArchived, checkHistory } from './check-history';

const verdicts = ['forward', 'forward-sanitized', 'quarantine', 'hold'] as const;

/** An event of each kind about a part drawn at random, whether it may happen or not. */
function eventOf(
  message: Message,
  kind: number,
  pick: number,
  newId: () => string,
): MessageEvent | undefined {
  const attachment = message.attachments[pick % Math.max(1, message.attachments.length)];
  const delivery = message.deliveries[pick % Math.max(1, message.deliveries.length)];
  const reasons = [reason('tries-exhausted')];
  const decisions = message.attachments.map(({ id }, index) => ({
    attachmentId: id,
    verdict: verdicts[(pick >> (2 * index)) % verdicts.length]!,
    reasons: [],
  }));
  const travels = new Set(
    decisions.flatMap(({ attachmentId, verdict }) => (verdict.startsWith('forward') ? attachmentId : [])),
  );
  const owed = message.obligations.filter(({ place }) => place === 'custody');
  const waiting = message.obligations.filter(({ place }) => place === 'held' || place === 'dead-letter');
  // A route that names fewer destinations now: each file still goes to one of them.
  const oneEach = [...new Map(waiting.map((one) => [one.attachmentId, one])).values()];
  const groupIds = Object.fromEntries(message.attachments.map(({ id }) => [id, newId()]));
  const all: (MessageEvent | undefined)[] = [
    { type: 'acknowledged' },
    { type: 'acknowledge-failed', why: 'w' },
    { type: 'resent', gatewayTime: pick % 3 === 0 ? null : pick },
    { type: 'refused', reasons },
    { type: 'given-up', reasons, to: pick % 2 === 0 ? 'held' : 'dead-letter' },
    { type: 'restored', reasons },
    { type: 'legal-hold', on: pick % 2 === 0, actor: 'a', why: 'w' },
    message.mode === 'observe'
      ? { type: 'observed', policyVersion: `p${pick}`, decisions }
      : {
          type: 'decided',
          policyVersion: `p${pick}`,
          decisions,
          deliveries: owed
            .filter(({ attachmentId }) => travels.has(attachmentId ?? ''))
            .map(({ id, destination }) => ({
              id: newId(),
              destination: destination ?? '',
              obligationIds: [id],
            })),
        },
    { type: 'enforced', groupIds },
    {
      type: 'replayed',
      command: newId(),
      actor: 'a',
      route: `r${pick % 2}`,
      obligations: (pick % 5 === 0 ? oneEach : waiting).map((one) => ({
        ...one,
        id: newId(),
        place: 'custody',
        reasons: [],
        deliveryId: null,
      })),
      groupIds,
    },
    ...(attachment === undefined
      ? []
      : ([
          { type: 'scan-opened', attachmentId: attachment.id, groupId: newId() },
          { type: 'file-opened', attachmentId: attachment.id, fileId: newId() },
          { type: 'uploaded', attachmentId: attachment.id, bytes: { size: pick, sha256: 'x' } },
          weighed(message, attachment.id),
          { type: 'disposed', attachmentId: attachment.id },
        ] satisfies MessageEvent[])),
    ...(delivery === undefined
      ? []
      : (['intended', 'submitted', 'delivered', 'delivered', 'delivery-failed', 'delivery-unknown'] as const)
          .map((type): MessageEvent => {
            const deliveryId = delivery.id;
            if (type === 'intended') return { type, deliveryId, at: pick, sendBy: pick + 1 };
            if (type === 'submitted') return { type, deliveryId, remoteId: newId() };
            return type === 'delivered' ? { type, deliveryId, proof: 'p' } : { type, deliveryId, reasons };
          })
          .concat([
            { type: 'staged', deliveryId: delivery.id, remoteId: 's' },
            { type: 'withdrawn', deliveryId: delivery.id, why: 'w' },
            { type: 'withheld', deliveryId: delivery.id, reasons },
            { type: 'send-ended', deliveryId: delivery.id, at: pick, why: 'w' },
            { type: 'search-ended', deliveryId: delivery.id, why: 'w' },
          ])),
  ];
  return all[kind % all.length];
}

/** The message after an event; undefined where it may not happen. */
function after(message: Message, event: MessageEvent): Message | undefined {
  try {
    return advanceMessage(message, event).message;
  } catch (error) {
    if (error instanceof IllegalTransitionError) return undefined;
    throw error;
  }
}

test('of any history that can happen', () => {
  const seen = { archived: 0, replayed: 0, enforced: 0 };
  fc.assert(
    fc.property(
      fc.record({ attachments: fc.nat(3), observe: fc.boolean(), two: fc.boolean() }),
      fc.array(fc.tuple(fc.nat(), fc.nat(1_000)), { maxLength: 60, size: 'max' }),
      ({ attachments, observe, two }, steps) => {
        const newId = countingIds('new');
        const sample = sampleMessage('m', {
          attachments,
          destinations: two ? ['warehouse', 'office'] : ['warehouse'],
        });
        // One without files is refused as it is taken, which ends elsewhere in mode observe.
        const mode = observe && attachments > 0 ? 'observe' : 'enforce';
        let message: Message = { ...sample.message, mode };
        const events = [...sample.events];
        for (const [kind, pick] of steps) {
          const event = eventOf(message, kind, pick, newId);
          const next = event === undefined ? undefined : after(message, event);
          if (event === undefined || next === undefined) continue;
          events.push(event);
          message = next;
          if (event.type === 'replayed') seen.replayed += 1;
          if (event.type === 'enforced') seen.enforced += 1;
        }
        const found = checkHistory(message, events);
        expect({ found, events }).toMatchObject({ found: [] });
        if (!isSettled(message) || message.legalHold) return;
        const removed: MessageEvent = { type: 'bytes-removed', place: messageState(message) };
        const parts = { attachments: [], obligations: [], deliveries: [] };
        const archived = { ...after(message, removed)!, ...parts };
        expect(checkArchived(archived, [...events, removed])).toEqual([]);
        seen.archived += 1;
      },
    ),
    { numRuns: 3_000 },
  );
  // Not a property of nothing.
  expect(Object.values(seen).every((count) => count > 100)).toBe(true);
});
