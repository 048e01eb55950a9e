import fc from 'fast-check';
import { removalOf } from '../removal';
import type { RemovalFacts, RemovalRecord } from './check-removal';
import { checkRemoval } from './check-removal';

const day = 86_400_000;
const facts: RemovalFacts = { now: 1_000 * day, lastSealAt: 999 * day, keptMs: 365 * day };
const hash = (index: number): string => String(index).padStart(64, '0');

/** As retention leaves it: of a message whose events were sealed in time, forgotten at day 500. */
function record(changes: Partial<RemovalRecord> = {}, sealedAt = [10 * day, 11 * day]): RemovalRecord {
  const left = sealedAt.map((at, index) => ({ hash: hash(index), sealedAt: at }));
  return {
    ...removalOf(
      'm',
      left.map((one) => one.hash),
      500 * day,
    ),
    sealedAt: 500 * day + 5_000,
    left,
    isThere: false,
    ...changes,
  };
}

const problems = (one: RemovalRecord): string[] => checkRemoval(one, facts).map(({ problem }) => problem);

test('as retention left it', () => {
  expect(problems(record())).toEqual([]);
});

test.each<[string, RemovalRecord, RegExp]>([
  ['another message', record({ messageId: 'n' }), /altered/],
  ['another time', record({ at: 1 }), /altered/],
  ['an event more', record({ events: 3 }), /altered/],
  [
    'one event of it gone',
    record({ left: [{ hash: hash(0), sealedAt: 10 * day }] }),
    /forgotten with 2 events, and 1/,
  ],
  [
    'an event of another message in its place',
    record({ left: [0, 7].map((index) => ({ hash: hash(index), sealedAt: 10 * day })) }),
    /or others are left/,
  ],
  ['the message is there', record({ isThere: true }), /and is there/],
  ['sealed by nobody', record({ sealedAt: null }), /in no seal, though there are later ones/],
])('%s', (_what, altered, words) => {
  expect(problems(altered)).toContainEqual(expect.stringMatching(words));
});

test('not sealed yet, a moment after it was made', () => {
  const fresh = { ...record({ sealedAt: null }) };
  expect(checkRemoval(fresh, { ...facts, now: 500 * day + 9_000, lastSealAt: 500 * day })).toEqual([]);
});

test('whoever takes it away before its time, and writes a record that fits, is found by the times of the seals', () => {
  const time = fc.integer({ min: 0, max: 900 * day });
  fc.assert(
    fc.property(fc.array(time, { minLength: 1, maxLength: 9 }), time, (sealed, waited) => {
      const at = Math.min(...sealed) + waited;
      const hashes = sealed.map((_, index) => hash(index));
      const forged = record({ ...removalOf('m', hashes, at), sealedAt: at }, sealed);
      const tooEarly = waited < facts.keptMs - 3_600_000;
      expect(problems(forged).some((text) => text.includes('it is to be kept for 365 days'))).toBe(tooEarly);
    }),
  );
});
