import { buildEvidence, buildMessage } from '../../test/build-message';
import { advanceMessage } from './advance-message';
import { begunAs } from './begun-as';
import type { Message } from './message';
import type { MessageEvent } from './message-event';
import { reason } from './reason';

const deliveryId = 'd1';
const play = (message: Message, ...events: readonly MessageEvent[]): Message =>
  events.reduce((before, event) => advanceMessage(before, event).message, message);
const taken = buildMessage();
const attachmentId = taken.attachments[0]!.id;
const due = play(
  taken,
  { type: 'weighed', attachmentId, evidence: buildEvidence('cleared'), sanitized: null },
  {
    type: 'decided',
    policyVersion: 'p',
    decisions: [{ attachmentId, verdict: 'forward', reasons: [] }],
    deliveries: [
      { id: deliveryId, destination: 'warehouse', obligationIds: taken.obligations.map(({ id }) => id) },
    ],
  },
);

const intended: MessageEvent = { type: 'intended', deliveryId, at: 1, sendBy: 2 };
const submitted: MessageEvent = { type: 'submitted', deliveryId, remoteId: '<1>' };
const staged: MessageEvent = { type: 'staged', deliveryId, remoteId: 'orders.edi' };
const withdrawn: MessageEvent = { type: 'withdrawn', deliveryId, why: 'not sent' };
const unknown: MessageEvent = { type: 'delivery-unknown', deliveryId, reasons: [reason('delivery-unknown')] };
const restored: MessageEvent = { type: 'restored', reasons: [reason('after-restore')] };

test.each<[string, readonly MessageEvent[], 'as2' | 'folder' | null]>([
  ['nothing', [], null],
  ['an intent', [intended], 'as2'],
  ['a submission', [intended, submitted], 'as2'],
  ['a submission of unknown fate', [intended, unknown], 'as2'],
  ['an intent that was withdrawn', [intended, withdrawn], null],
  ['a staged file', [staged], 'folder'],
  ['a staged file of unknown fate', [staged, unknown], 'folder'],
  ['one that got another name while it was searched for', [staged, unknown, staged], 'folder'],
  ['an intent that was withdrawn, and then a file', [intended, withdrawn, staged, unknown], 'folder'],
  ['a file that was withdrawn, and then an intent', [staged, withdrawn, intended, unknown], 'as2'],
  ['nothing, before a restore', [restored], null],
  ['a staged file, before a restore', [staged, restored], 'folder'],
  ['an intent, before a restore', [intended, restored], 'as2'],
])('%s', (_what, events, kind) => {
  expect(begunAs(play(due, ...events).deliveries[0]!)).toBe(kind);
});

test('a file that gets another name while it is searched for stays unknown, so that it is not sent anew as if nothing had left', () => {
  const message = play(due, staged, unknown, { type: 'staged', deliveryId, remoteId: 'orders (2).edi' });
  expect(message.deliveries[0]).toMatchObject({ state: 'unknown', remoteId: 'orders (2).edi' });
  expect(message.obligations.map(({ place }) => place)).toEqual(['held']);
  const found = play(message, { type: 'delivered', deliveryId, proof: 'orders (2).edi' });
  expect(found.obligations.map(({ place }) => place)).toEqual(['delivered']);
});

test('what was intended as a submission is not staged as a file', () => {
  expect(() => play(due, intended, staged)).toThrow(/is intended/);
});
