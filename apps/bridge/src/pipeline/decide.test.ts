import { advanceMessage } from '../domain/advance-message';
import type { Evidence } from '../domain/evidence';
import type { Message } from '../domain/message';
import type { MessageEvent } from '../domain/message-event';
import { defaultPolicy } from '../domain/policy';
import type { DestinationTraits } from '../domain/route';
import { countingIds, sampleMessage } from '../ledger/test/sample-message';
import { decideMessage } from './decide';

const traits = (name: string, unit: 'message' | 'attachment'): [string, DestinationTraits] => [
  name,
  { name, unit, maxBytes: null, carriesName: () => true },
];
const destinations = new Map([traits('warehouse', 'message'), traits('drive', 'attachment')]);
const context = { policy: defaultPolicy, destinations };

/** Weighs the attachments one after the other. */
function weigh(message: Message, conclusions: readonly Evidence['conclusion'][]): Message {
  return conclusions.reduce((before, conclusion, index) => {
    const { id, size, sha256 } = before.attachments[index]!;
    const bytes = conclusion === 'cleared' ? { size, sha256 } : null;
    const evidence: Evidence = { conclusion, grade: 'upload-chain', bytes, reasons: [], scannerFileId: 'f' };
    return advanceMessage(before, { type: 'weighed', attachmentId: id, evidence, sanitized: null }).message;
  }, message);
}

function decided(events: readonly MessageEvent[]): Extract<MessageEvent, { type: 'decided' }> {
  const [event] = events;
  if (event?.type !== 'decided') throw new Error(`not decided: ${JSON.stringify(events)}`);
  return event;
}

test('all cleared: one delivery to a destination of messages, one for each attachment elsewhere', () => {
  const { message } = sampleMessage('m', { attachments: 3, destinations: ['warehouse', 'drive'] });
  const event = decided(
    decideMessage(weigh(message, ['cleared', 'cleared', 'cleared']), context, countingIds('d')),
  );
  const sizes = event.deliveries.map(
    ({ destination, obligationIds }) => `${destination} ${obligationIds.length}`,
  );
  expect(sizes.sort()).toEqual(['drive 1', 'drive 1', 'drive 1', 'warehouse 3']);
  expect(event.policyVersion).toBe(defaultPolicy.version);
  const owed = event.deliveries.flatMap(({ obligationIds }) => obligationIds).sort();
  expect(owed).toEqual(message.obligations.map(({ id }) => id).sort());
});

test.each([
  [
    'one blocked quarantines all',
    ['cleared', 'blocked', 'held'] as const,
    ['quarantine', 'quarantine', 'quarantine'],
  ],
  ['one held holds all', ['cleared', 'held', 'cleared'] as const, ['hold', 'hold', 'hold']],
  // The sample is XML: what sanitizing changes in it is not to be trusted.
  ['sanitized XML is held', ['cleared-sanitized', 'cleared', 'cleared'] as const, ['hold', 'hold', 'hold']],
])('%s, and nothing is delivered', (_name, conclusions, verdicts) => {
  const { message } = sampleMessage('m', { attachments: 3 });
  const event = decided(decideMessage(weigh(message, conclusions), context, countingIds('d')));
  expect(event.decisions.map(({ verdict }) => verdict)).toEqual(verdicts);
  expect(event.deliveries).toEqual([]);
});

test('nothing is decided while an attachment is not weighed', () => {
  const { message } = sampleMessage('m', { attachments: 2 });
  expect(decideMessage(message, context, countingIds('d'))).toEqual([]);
  expect(decideMessage(weigh(message, ['cleared']), context, countingIds('d'))).toEqual([]);
  expect(decideMessage(weigh(message, ['blocked']), context, countingIds('d'))).toEqual([]);
});

test('a message without attachments is never decided: "all of none" is no clearance', () => {
  const { message } = sampleMessage('m', { attachments: 0 });
  const owed = { ...message, obligations: [{ ...message.obligations[0]!, place: 'custody' as const }] };
  expect(decideMessage(owed, context, countingIds('d'))).toEqual([]);
});

test('what is decided, or no longer owed, is not decided again', () => {
  const weighed = weigh(sampleMessage('m').message, ['cleared', 'cleared']);
  const [event] = decideMessage(weighed, context, countingIds('d'));
  expect(decideMessage(advanceMessage(weighed, event!).message, context, countingIds('e'))).toEqual([]);
  const given = advanceMessage(weighed, { type: 'given-up', to: 'held', reasons: [] }).message;
  expect(decideMessage(given, context, countingIds('e'))).toEqual([]);
});

test('a destination that is configured no more: held, although all is cleared', () => {
  const { message } = sampleMessage('m', { attachments: 1, destinations: ['gone'] });
  const event = decided(decideMessage(weigh(message, ['cleared']), context, countingIds('d')));
  expect(event.decisions).toEqual([expect.objectContaining({ verdict: 'hold' })]);
  expect(event.decisions[0]!.reasons.map(({ code }) => code)).toEqual(['no-route']);
  expect(event.deliveries).toEqual([]);
});
