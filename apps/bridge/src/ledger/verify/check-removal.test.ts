import fc from 'fast-check';
import type { MessageEvent } from '../../domain/message-event';
import { reason } from '../../domain/reason';
import { canonicalJson } from '../canonical-json';
import { chainStart, extendChain } from '../chain';
import type { TimelineEntry } from '../ledger';
import { removalHash, removalOf } from '../removal';
import { sealRoot } from '../seal';
import type { RemovalFacts, RemovalRecord } from './check-removal';
import { checkRemoval } from './check-removal';

const day = 86_400_000;
const facts: RemovalFacts = { now: 1_000 * day, lastSealAt: 999 * day, keptMs: 365 * day };
/** A message that was taken, held, and had its bytes removed; `later` happened after that. */
function history(...later: readonly MessageEvent[]): readonly TimelineEntry[] {
  const reasons = [reason('scan-overdue')];
  const events: readonly MessageEvent[] = [
    { type: 'taken', route: null, attachments: 1, bytes: 1 },
    { type: 'given-up', to: 'held', reasons },
    { type: 'bytes-removed', place: 'held' },
  ];
  return extendChain('m', chainStart, [...events, ...later], 9 * day).entries;
}

/** As retention leaves it: its events were sealed on day 10, and it was forgotten at day 500. */
function record(changes: Partial<RemovalRecord> = {}, timeline = history()): RemovalRecord {
  return {
    ...removalOf('m', timeline, 500 * day),
    sealedAt: 500 * day + 5_000,
    left: timeline.map(({ hash }) => ({ hash, sealedAt: 10 * day })),
    isThere: false,
    ...changes,
  };
}

/** With a hash of its own that fits, as whoever writes such a record will see to. */
function forged(changes: Partial<RemovalRecord>, timeline = history()): RemovalRecord {
  const body = record(changes, timeline);
  return { ...body, hash: removalHash(body) };
}

const problems = (one: RemovalRecord): string[] => checkRemoval(one, facts).map(({ problem }) => problem);

test('as retention left it', () => {
  expect(problems(record())).toEqual([]);
});

test.each<[string, RemovalRecord, RegExp]>([
  ['another message', record({ messageId: 'n' }), /altered/],
  ['another time', record({ at: 1 }), /altered/],
  ['an event more', record({ events: 4 }), /altered/],
  [
    'one event of it gone',
    record({ left: [{ hash: history()[2]!.hash, sealedAt: 10 * day }] }),
    /forgotten with 3 events, and 1/,
  ],
  [
    'an event of another message in its place',
    record({
      left: ['a', 'b', history()[2]!.hash].map((hash) => ({ hash, sealedAt: 10 * day })),
    }),
    /or others are left/,
  ],
  ['the message is there', record({ isThere: true }), /and is there/],
  ['sealed by nobody', record({ sealedAt: null }), /in no seal, though there are later ones/],
])('%s', (_what, altered, words) => {
  expect(problems(altered)).toContainEqual(expect.stringMatching(words));
});

const unhold: MessageEvent = { type: 'legal-hold', on: false, actor: 'a', why: 'w' };
const hold: MessageEvent = { type: 'legal-hold', on: true, actor: 'a', why: 'w' };
const endingOf = (change: object): string => canonicalJson({ ...JSON.parse(record().ending), ...change });

describe('it must have come to where it may be forgotten, and its last events tell that', () => {
  test('also where something happened after the removal of its bytes', () => {
    expect(problems(record({}, history(hold, unhold)))).toEqual([]);
  });

  test.each<[string, RemovalRecord, RegExp]>([
    [
      'its bytes still there',
      record({}, history().slice(0, 2)),
      /no event tells that its bytes were removed/,
    ],
    ['under a legal hold', record({}, history(hold)), /under a legal hold/],
    ['no JSON', forged({ ending: '{' }), /nobody can read how it ended/],
    ['no ending', forged({ ending: '{}' }), /nobody can read how it ended/],
    [
      'events that are none',
      forged({ ending: endingOf({ events: [null] }) }),
      /nobody can read how it ended/,
    ],
    ['an end of another', forged({ messageId: 'n' }), /made up: event 3 or its hash was altered/],
    [
      'another event before it',
      forged({ ending: endingOf({ previous: 'f'.repeat(64) }) }),
      /made up: event 3/,
    ],
    [
      'events of another message among its own',
      forged({
        events: 4,
        left: [...record().left, { hash: 'f'.repeat(64), sealedAt: 10 * day }],
        root: sealRoot([...history().map(({ hash }) => hash), 'f'.repeat(64)]),
      }),
      /made up: event 4 or its hash was altered/,
    ],
    [
      'an end that was never sealed',
      record({ left: ['a', 'b', 'c'].map((hash) => ({ hash, sealedAt: 10 * day })) }),
      /not among those that are left/,
    ],
  ])('%s', (_what, made, words) => {
    expect(problems(made)).toContainEqual(expect.stringMatching(words));
  });
});

test('not sealed yet, a moment after it was made', () => {
  const fresh = { ...record({ sealedAt: null }) };
  expect(checkRemoval(fresh, { ...facts, now: 500 * day + 9_000, lastSealAt: 500 * day })).toEqual([]);
});

test('whoever takes it away before its time, and writes a record that fits, is found by the times of the seals', () => {
  const time = fc.integer({ min: 0, max: 900 * day });
  fc.assert(
    fc.property(fc.array(time, { minLength: 3, maxLength: 3 }), time, (sealed, waited) => {
      const at = Math.max(...sealed) + waited;
      const left = history().map(({ hash }, index) => ({ hash, sealedAt: sealed[index]! }));
      const made = { ...record({ ...removalOf('m', history(), at), sealedAt: at }), left };
      const tooEarly = waited < facts.keptMs - 3_600_000;
      expect(problems(made).some((text) => text.includes('to be kept for 365 days'))).toBe(tooEarly);
    }),
  );
});
