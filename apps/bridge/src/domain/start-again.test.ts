import { buildEvidence, buildMessage } from '../../test/build-message';
import { advanceMessage } from './advance-message';
import type { Message } from './message';
import { isDecided, isSettled, messageState } from './message';
import type { MessageEvent } from './message-event';
import { IllegalTransitionError } from './obligation';
import { reason } from './reason';

const play = (message: Message, ...events: MessageEvent[]): Message =>
  events.reduce((state, event) => advanceMessage(state, event).message, message);
const observing = (attachments = 1): Message => ({ ...buildMessage({ attachments }), mode: 'observe' });
const weighed = (message: Message, conclusion: 'cleared' | 'blocked' = 'cleared'): MessageEvent[] =>
  message.attachments.map(({ id }) => ({
    type: 'weighed',
    attachmentId: id,
    evidence: buildEvidence(conclusion),
    sanitized: null,
  }));
const observed = (message: Message, verdict: 'forward' | 'quarantine'): MessageEvent => ({
  type: 'observed',
  policyVersion: 'p',
  decisions: message.attachments.map(({ id }) => ({
    attachmentId: id,
    verdict,
    reasons: verdict === 'forward' ? [] : [reason('scanner-blocked')],
  })),
});
const decided = (message: Message): MessageEvent => ({
  type: 'decided',
  policyVersion: 'p',
  decisions: message.attachments.map(({ id }) => ({ attachmentId: id, verdict: 'forward', reasons: [] })),
  deliveries: [
    { id: 'd1', destination: 'warehouse', obligationIds: message.obligations.map(({ id }) => id) },
  ],
});
const groupIds = (message: Message): Record<string, string> =>
  Object.fromEntries(message.attachments.map(({ id }, index) => [id, `fresh-${String(index)}`]));
const replayed = (message: Message): MessageEvent => ({
  type: 'replayed',
  command: 'c1',
  actor: 'somebody',
  route: 'orders',
  obligations: message.obligations
    .filter(({ place }) => place === 'held' || place === 'dead-letter')
    .map((obligation, index) => ({
      ...obligation,
      id: `again-${String(index)}`,
      place: 'custody',
      reasons: [],
      deliveryId: null,
    })),
  groupIds: groupIds(message),
});
const toDelivery = (message: Message): Message => play(message, ...weighed(message), decided(message));
const held = [reason('after-restore')];

describe('mode observe', () => {
  test('what is taken is scanned, and never marked read', () => {
    const message = observing(2);
    const { effects } = advanceMessage(message, { type: 'taken', route: 'orders', attachments: 2, bytes: 1 });
    expect(effects.map(({ kind }) => kind)).toEqual(['scan', 'scan']);
  });

  test.each([
    ['forward', 'observed', []],
    ['quarantine', 'observed', ['scanner-blocked']],
  ] as const)('what would be %s is %s, with its reasons, and owed by nobody', (verdict, state, codes) => {
    const message = observing();
    const done = play(message, ...weighed(message), observed(message, verdict));
    expect(messageState(done)).toBe(state);
    expect(isSettled(done)).toBe(true);
    expect(done.deliveries).toEqual([]);
    expect(done.obligations[0]!.reasons.map(({ code }) => code)).toEqual(codes);
  });

  test('a scan that never came is no work for people: it is observed as well', () => {
    const done = play(observing(), { type: 'given-up', to: 'held', reasons: [reason('scan-overdue')] });
    expect(messageState(done)).toBe('observed');
  });

  test("the scanner's copy of what would have been forwarded goes, that of what would have been stopped stays", () => {
    for (const verdict of ['forward', 'quarantine'] as const) {
      const message = observing();
      const opened = play(
        message,
        { type: 'file-opened', attachmentId: message.attachments[0]!.id, fileId: 'f' },
        ...weighed(message),
      );
      const { effects } = advanceMessage(opened, observed(message, verdict));
      expect(effects.map(({ kind }) => kind)).toEqual(verdict === 'forward' ? ['dispose'] : []);
    }
  });

  test('taken for real after the cut-over: owed, scanned afresh, and marked read', () => {
    const message = observing();
    const done = play(message, ...weighed(message), observed(message, 'forward'));
    const { message: real, effects } = advanceMessage(done, { type: 'enforced', groupIds: groupIds(done) });
    expect(real.mode).toBe('enforce');
    expect(messageState(real)).toBe('scanning');
    expect(real.attachments[0]!.scan).toMatchObject({ groupId: 'fresh-0', evidence: null, fileId: null });
    expect(effects.map(({ kind }) => kind)).toEqual(['acknowledge', 'scan']);
    expect(() => advanceMessage(real, { type: 'enforced', groupIds: {} })).toThrow(IllegalTransitionError);
  });
});

describe('after a restore', () => {
  test('what was under way is held and searched for; what was delivered stays', () => {
    const sent = play(
      toDelivery(buildMessage()),
      { type: 'intended', deliveryId: 'd1', at: 5, sendBy: 9 },
      { type: 'submitted', deliveryId: 'd1', remoteId: '<r>' },
    );
    const { message, effects } = advanceMessage(sent, { type: 'restored', reasons: held });
    expect(messageState(message)).toBe('held');
    expect(effects).toEqual([{ kind: 'reconcile', subject: 'd1' }]);
    const found = play(message, { type: 'delivered', deliveryId: 'd1', proof: 'found' });
    expect(messageState(found)).toBe('forwarded');
    expect(advanceMessage(found, { type: 'restored', reasons: held }).effects).toEqual([]);
  });

  test('what was not decided yet is held: it may have been decided, and sent, after the backup', () => {
    const message = play(buildMessage(), { type: 'restored', reasons: held });
    expect(messageState(message)).toBe('held');
    expect(message.obligations[0]!.reasons).toEqual(held);
  });
});

describe('a replay', () => {
  test('goes from a fresh scan to a delivery of its own; an old clearance is none', () => {
    const lost = play(toDelivery(buildMessage()), {
      type: 'delivery-failed',
      deliveryId: 'd1',
      reasons: [reason('delivery-failed')],
    });
    const { message, effects } = advanceMessage(lost, replayed(lost));
    expect(messageState(message)).toBe('scanning');
    expect(isDecided(message)).toBe(false);
    expect(effects).toEqual([{ kind: 'scan', subject: message.attachments[0]!.id }]);
    const again = play(message, ...weighed(message), {
      ...decided(message),
      deliveries: [{ id: 'd2', destination: 'warehouse', obligationIds: ['again-0'] }],
    } as MessageEvent);
    expect(again.deliveries.map(({ id, state }) => [id, state])).toEqual([
      ['d1', 'failed'],
      ['d2', 'due'],
    ]);
    expect(messageState(play(again, { type: 'delivered', deliveryId: 'd2', proof: 'mdn' }))).toBe(
      'forwarded',
    );
  });

  test('is refused while something is in work, where nothing waits, and where the bytes are gone', () => {
    const working = buildMessage();
    expect(() => advanceMessage(working, replayed(working))).toThrow(IllegalTransitionError);
    const done = play(toDelivery(working), { type: 'delivered', deliveryId: 'd1', proof: 'mdn' });
    expect(() => advanceMessage(done, replayed(done))).toThrow(IllegalTransitionError);
    const dead = play(working, { type: 'given-up', to: 'dead-letter', reasons: [reason('tries-exhausted')] });
    const empty = play(dead, { type: 'bytes-removed', place: 'dead-letter' });
    expect(() => advanceMessage(empty, replayed(dead))).toThrow(IllegalTransitionError);
  });
});

test('bytes are not removed while they are needed, nor under legal hold', () => {
  const removal: MessageEvent = { type: 'bytes-removed', place: 'forwarded' };
  expect(() => advanceMessage(buildMessage(), removal)).toThrow(IllegalTransitionError);
  const done = play(toDelivery(buildMessage()), { type: 'delivered', deliveryId: 'd1', proof: 'mdn' });
  const hold = (on: boolean): MessageEvent => ({ type: 'legal-hold', on, actor: 'counsel', why: 'a case' });
  expect(() => advanceMessage(play(done, hold(true)), removal)).toThrow(IllegalTransitionError);
  expect(play(done, hold(true), hold(false), removal).bytesRemoved).toBe(true);
});
