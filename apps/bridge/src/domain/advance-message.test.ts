import fc from 'fast-check';
import { buildEvidence, buildMessage } from '../../test/build-message';
import { advanceMessage } from './advance-message';
import type { Message } from './message';
import { isSettled, messageState } from './message';
import type { MessageEvent } from './message-event';
import { IllegalTransitionError } from './obligation';
import { reason } from './reason';

const held = [reason('scanner-held')];
const play = (message: Message, ...events: MessageEvent[]): Message =>
  events.reduce((state, event) => advanceMessage(state, event).message, message);
const weighed = (message: Message, index = 0): MessageEvent => ({
  type: 'weighed',
  attachmentId: message.attachments[index]!.id,
  evidence: buildEvidence('cleared'),
  sanitized: null,
});
const decided = (message: Message): MessageEvent => ({
  type: 'decided',
  policyVersion: 'p',
  decisions: message.attachments.map(({ id }) => ({ attachmentId: id, verdict: 'forward', reasons: [] })),
  deliveries: [
    { id: 'd1', destination: 'warehouse', obligationIds: message.obligations.map(({ id }) => id) },
  ],
});
const toDelivery = (message: Message): Message =>
  play(message, ...message.attachments.map((_, index) => weighed(message, index)), decided(message));

describe('the way of a message', () => {
  test('taken asks for its acknowledgement and for a scan of each attachment', () => {
    const message = buildMessage({ attachments: 2 });
    const { effects } = advanceMessage(message, {
      type: 'taken',
      route: 'orders',
      attachments: 2,
      bytes: 21,
    });
    expect(effects).toEqual([
      { kind: 'acknowledge', subject: message.id },
      ...message.attachments.map(({ id }) => ({ kind: 'scan', subject: id })),
    ]);
    expect(messageState(message)).toBe('scanning');
  });

  test('is decided only when the last attachment is weighed', () => {
    const message = buildMessage({ attachments: 2 });
    const first = advanceMessage(message, weighed(message, 0));
    expect(first.effects).toEqual([]);
    const second = advanceMessage(first.message, weighed(message, 1));
    expect(second.effects).toEqual([{ kind: 'decide', subject: message.id }]);
    expect(messageState(second.message)).toBe('deciding');
  });

  test('is forwarded only by a delivery that was confirmed, and its copy at the scanner goes then', () => {
    const message = buildMessage();
    const opened = play(message, {
      type: 'file-opened',
      attachmentId: message.attachments[0]!.id,
      fileId: 'f1',
    });
    const sent = play(
      toDelivery(opened),
      { type: 'intended', deliveryId: 'd1', at: 5, sendBy: 100 },
      { type: 'submitted', deliveryId: 'd1', remoteId: '<r@gw>' },
    );
    expect(messageState(sent)).toBe('delivering');
    const { message: done, effects } = advanceMessage(sent, {
      type: 'delivered',
      deliveryId: 'd1',
      proof: 'processed',
    });
    expect(messageState(done)).toBe('forwarded');
    expect(effects).toEqual([{ kind: 'dispose', subject: message.attachments[0]!.id }]);
  });

  test('held files keep their copy at the scanner: people need it', () => {
    const message = play(buildMessage(), {
      type: 'file-opened',
      attachmentId: buildMessage().attachments[0]!.id,
      fileId: 'f1',
    });
    const { message: done, effects } = advanceMessage(message, {
      type: 'given-up',
      to: 'held',
      reasons: held,
    });
    expect(messageState(done)).toBe('held');
    expect(effects).toEqual([]);
  });

  test('an unknown delivery is held, and can still be found later', () => {
    const lost = play(
      toDelivery(buildMessage()),
      { type: 'intended', deliveryId: 'd1', at: 5, sendBy: 100 },
      { type: 'delivery-unknown', deliveryId: 'd1', reasons: [reason('delivery-unknown')] },
    );
    expect(messageState(lost)).toBe('held');
    const found = play(lost, { type: 'delivered', deliveryId: 'd1', proof: 'found in the outbox' });
    expect(messageState(found)).toBe('forwarded');
  });

  test.each<[string, (message: Message) => Message]>([
    [
      'delivered before it was decided',
      (message) => play(message, { type: 'delivered', deliveryId: 'd1', proof: '' }),
    ],
    [
      'submitted without an intent',
      (message) => play(toDelivery(message), { type: 'submitted', deliveryId: 'd1', remoteId: 'r' }),
    ],
    [
      'failed after it was delivered',
      (message) =>
        play(
          toDelivery(message),
          { type: 'delivered', deliveryId: 'd1', proof: '' },
          { type: 'delivery-failed', deliveryId: 'd1', reasons: held },
        ),
    ],
    [
      'decided about an attachment only in part',
      (message) => play(message, { type: 'decided', policyVersion: 'p', decisions: [], deliveries: [] }),
    ],
    [
      'weighed an attachment of another message',
      (message) => play(message, { ...weighed(message), attachmentId: 'x' } as MessageEvent),
    ],
  ])('refuses: %s', (_name, act) => {
    expect(() => act(buildMessage())).toThrow(IllegalTransitionError);
  });

  test('whatever happens, each obligation is in one place, settled ones stay, and the state follows from them', () => {
    const eventOf = (message: Message, pick: number): MessageEvent => {
      const attachmentId = message.attachments[pick % message.attachments.length]!.id;
      const deliveryId = message.deliveries[pick % Math.max(1, message.deliveries.length)]?.id ?? 'none';
      const all: MessageEvent[] = [
        { type: 'acknowledged' },
        { type: 'resent', gatewayTime: pick },
        { type: 'scan-opened', attachmentId, groupId: 'g' },
        { type: 'file-opened', attachmentId, fileId: 'f' },
        { type: 'uploaded', attachmentId, bytes: { size: 1, sha256: 'a' } },
        weighed(message, pick % message.attachments.length),
        decided(message),
        { type: 'intended', deliveryId, at: 1, sendBy: 100 },
        { type: 'submitted', deliveryId, remoteId: 'r' },
        { type: 'staged', deliveryId, remoteId: 'r' },
        { type: 'withdrawn', deliveryId, why: 'w' },
        { type: 'withheld', deliveryId, reasons: held },
        { type: 'delivered', deliveryId, proof: 'p' },
        { type: 'delivery-failed', deliveryId, reasons: held },
        { type: 'delivery-unknown', deliveryId, reasons: held },
        { type: 'given-up', to: 'held', reasons: held },
        { type: 'given-up', to: 'dead-letter', reasons: held },
        { type: 'disposed', attachmentId },
      ];
      return all[pick % all.length]!;
    };
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 3 }),
        fc.array(fc.nat(1_000), { maxLength: 40 }),
        (attachments, picks) => {
          let message = buildMessage({ attachments });
          for (const pick of picks) {
            const before = message;
            try {
              message = advanceMessage(message, eventOf(message, pick)).message;
            } catch (error) {
              expect(error).toBeInstanceOf(IllegalTransitionError);
              continue;
            }
            expect(message.revision).toBe(before.revision + 1);
            expect(message.obligations.map(({ id }) => id)).toEqual(before.obligations.map(({ id }) => id));
            for (const [index, { place, reasons }] of message.obligations.entries()) {
              const was = before.obligations[index]!.place;
              if (was === 'delivered' || was === 'quarantined' || was === 'dead-letter')
                expect(place).toBe(was);
              if (place === 'held' || place === 'dead-letter') expect(reasons.length).toBeGreaterThan(0);
            }
            const open = message.obligations.some(({ place }) => place === 'custody');
            expect(isSettled(message)).toBe(!open);
            expect(['scanning', 'deciding', 'delivering'].includes(messageState(message))).toBe(open);
          }
        },
      ),
    );
  });
});
