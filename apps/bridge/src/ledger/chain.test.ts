import { createHash } from 'node:crypto';
import type { MessageEvent } from '../domain/message-event';
import { chainStart, extendChain, verifyChain } from './chain';
import type { TimelineEntry } from './ledger';

const events: MessageEvent[] = [
  { type: 'taken', route: 'r', attachments: 1, bytes: 10 },
  { type: 'acknowledged' },
  { type: 'resent', gatewayTime: null },
];
const { entries, head } = extendChain('m1', chainStart, events, 5);

test('each hash is SHA-256 over canonical JSON with the hash before', () => {
  const first = `{"at":5,"event":{"attachments":1,"bytes":10,"route":"r","type":"taken"},"message":"m1","previous":"${'0'.repeat(64)}","sequence":1}`;
  const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
  expect(entries[0]?.hash).toBe(sha256(first));
  expect(entries[1]?.hash).toBe(
    sha256(
      `{"at":5,"event":{"type":"acknowledged"},"message":"m1","previous":"${sha256(first)}","sequence":2}`,
    ),
  );
  expect(head).toEqual({ sequence: 3, hash: entries[2]?.hash });
});

test('grown in steps it is the same chain', () => {
  const begun = extendChain('m1', chainStart, events.slice(0, 1), 5);
  const grown = extendChain('m1', begun.head, events.slice(1), 5);
  expect([...begun.entries, ...grown.entries]).toEqual(entries);
});

test('a whole chain is found whole, an empty one too', () => {
  expect(verifyChain('m1', entries, head)).toEqual({ whole: true, head });
  expect(verifyChain('m1', [], chainStart)).toEqual({ whole: true, head: chainStart });
});

const at = (index: number): TimelineEntry => entries[index]!;

test.each<[string, string, readonly TimelineEntry[], number]>([
  ['an edited event', 'm1', [at(0), { ...at(1), event: { type: 'resent', gatewayTime: 1 } }, at(2)], 2],
  ['an edited time', 'm1', [at(0), { ...at(1), at: 6 }, at(2)], 2],
  ['a missing event', 'm1', [at(0), at(2)], 2],
  ['a missing first event', 'm1', [at(1), at(2)], 1],
  ['a missing last event', 'm1', [at(0), at(1)], 3],
  ['moved events', 'm1', [at(0), { ...at(2), sequence: 2 }, { ...at(1), sequence: 3 }], 2],
  ['events of another message', 'm2', entries, 1],
  [
    'an edited last event with a hash made anew',
    'm1',
    [
      at(0),
      at(1),
      extendChain('m1', { sequence: 2, hash: at(1).hash }, [{ type: 'acknowledged' }], 5).entries[0]!,
    ],
    3,
  ],
  [
    'an added event',
    'm1',
    [...entries, ...extendChain('m1', head, [{ type: 'acknowledged' }], 5).entries],
    4,
  ],
])('%s is found', (_what, messageId, tampered, sequence) => {
  expect(verifyChain(messageId, tampered, head)).toMatchObject({ whole: false, sequence });
});
