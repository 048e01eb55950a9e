import { advanceMessage } from '../domain/advance-message';
import type { Message } from '../domain/message';
import type { MessageEvent } from '../domain/message-event';
import { forwarded, sampleMessage, weighed } from '../ledger/test/sample-message';
import { giveUpEvents } from './deliver';

const { message: taken } = sampleMessage('m', { attachments: 1 });
const deliveryId = `${taken.id}-to-warehouse`;

function after(...events: readonly ((message: Message) => MessageEvent)[]): Message {
  return events.reduce((message, event) => advanceMessage(message, event(message)).message, taken);
}

const clear = (message: Message): MessageEvent => weighed(message, message.attachments[0]!.id);
const due = [clear, forwarded] as const;
const intended = [
  ...due,
  (): MessageEvent => ({ type: 'intended', deliveryId, at: 1, sendBy: 100 }),
] as const;
const submitted = [
  ...intended,
  (): MessageEvent => ({ type: 'submitted', deliveryId, remoteId: 'r' }),
] as const;
const staged = [...due, (): MessageEvent => ({ type: 'staged', deliveryId, remoteId: 'r' })] as const;

const nothing = { fate: { type: 'nothing' } } as const;
const unclear = { fate: { type: 'unclear' } } as const;
const spent = { text: 'why', overdue: false, damaged: false };
const overdue = { text: 'why', overdue: true, damaged: false };
const damaged = { text: 'why', overdue: false, damaged: true };

test.each([
  [
    'nothing begun, tries used up',
    due,
    { ...spent, ...nothing },
    'delivery-failed',
    'tries-exhausted',
    'dead-letter',
  ],
  [
    'nothing begun, overdue',
    due,
    { ...overdue, ...nothing },
    'delivery-failed',
    'delivery-overdue',
    'dead-letter',
  ],
  ['nothing begun, bytes damaged', due, { ...damaged, ...nothing }, 'withheld', 'custody-damaged', 'held'],
  [
    'staged only, bytes damaged: what is taken away must not count as delivered when it is searched for',
    staged,
    { ...damaged, ...nothing },
    'withheld',
    'custody-damaged',
    'held',
  ],
  [
    'an answer was lost, bytes damaged',
    intended,
    { ...damaged, ...unclear },
    'delivery-unknown',
    'custody-damaged',
    'held',
  ],
  [
    'staged, and the folder is away',
    staged,
    { ...overdue, ...unclear },
    'delivery-unknown',
    'delivery-overdue',
    'held',
  ],
  [
    'staged only, tries used up',
    staged,
    { ...spent, ...nothing },
    'delivery-failed',
    'tries-exhausted',
    'dead-letter',
  ],
  [
    'an answer was lost, tries used up',
    intended,
    { ...spent, ...unclear },
    'delivery-unknown',
    'delivery-unknown',
    'held',
  ],
  [
    'an answer was lost, overdue',
    intended,
    { ...overdue, ...unclear },
    'delivery-unknown',
    'delivery-overdue',
    'held',
  ],
  [
    'submitted, never confirmed',
    submitted,
    { ...overdue, ...unclear },
    'delivery-unknown',
    'delivery-overdue',
    'held',
  ],
  [
    'submitted, not understood',
    submitted,
    { ...spent, ...unclear },
    'delivery-unknown',
    'delivery-unknown',
    'held',
  ],
] as const)('giving up: %s', (_name, events, how, type, code, place) => {
  const message = after(...events);
  const given = giveUpEvents(message, deliveryId, how);
  expect(given).toEqual([{ type, deliveryId, reasons: [{ code, text: expect.stringContaining('why') }] }]);
  const end = given.reduce((before, event) => advanceMessage(before, event).message, message);
  expect(end.obligations.map((obligation) => obligation.place)).toEqual([place]);
});

test('what turns out to be delivered when it is given up is delivered', () => {
  const given = giveUpEvents(after(...staged), deliveryId, {
    ...overdue,
    fate: { type: 'delivered', proof: 'orders.edi' },
  });
  expect(given).toEqual([{ type: 'delivered', deliveryId, proof: 'orders.edi' }]);
});

test('what is settled, or was never decided, is not given up', () => {
  const delivered = after(...submitted, () => ({ type: 'delivered', deliveryId, proof: 'p' }));
  expect(giveUpEvents(delivered, deliveryId, { ...overdue, ...unclear })).toEqual([]);
  expect(giveUpEvents(after(clear), deliveryId, { ...overdue, ...nothing })).toEqual([]);
});
