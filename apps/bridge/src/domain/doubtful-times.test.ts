import fc from 'fast-check';
import { afterSelfTest, isDoubtful, noSelfTests } from './doubtful-times';

const play = (...tests: readonly (readonly [at: number, passed: boolean])[]) =>
  tests.reduce((record, [at, passed]) => afterSelfTest(record, passed, at), noSelfTests);

test.each<[string, readonly (readonly [number, boolean])[], number, number, boolean]>([
  [
    'no failure',
    [
      [10, true],
      [20, true],
    ],
    12,
    18,
    false,
  ],
  [
    'between the last pass and the failure',
    [
      [10, true],
      [20, false],
    ],
    12,
    18,
    true,
  ],
  [
    'before the last pass',
    [
      [10, true],
      [20, false],
    ],
    5,
    9,
    false,
  ],
  [
    'while it fails',
    [
      [10, true],
      [20, false],
    ],
    21,
    25,
    true,
  ],
  [
    'begun while it failed, weighed after it passed',
    [
      [10, true],
      [20, false],
      [30, true],
    ],
    25,
    35,
    true,
  ],
  [
    'begun before and weighed after',
    [
      [10, true],
      [20, false],
      [30, true],
    ],
    5,
    40,
    true,
  ],
  [
    'all after it passed again',
    [
      [10, true],
      [20, false],
      [30, true],
    ],
    31,
    40,
    false,
  ],
  ['a first test that fails doubts everything before', [[20, false]], 1, 2, true],
])('a scan is doubtful: %s', (_name, tests, from, to, wanted) => {
  expect(isDoubtful(play(...tests), from, to)).toBe(wanted);
});

type Tests = readonly (readonly [at: number, passed: boolean])[];
const aheadThenRight: Tests = [
  [40, true],
  [20, false],
];
const failsWhileSetBack: Tests = [
  [10, true],
  [50, false],
  [20, false],
];

test.each<[string, Tests, number, number, boolean]>([
  ['passed by a clock that was ahead, then failed', aheadThenRight, 12, 18, true],
  ['and passed again', [...aheadThenRight, [24, true]], 12, 18, true],
  ['begun after that', [...aheadThenRight, [24, true]], 25, 30, false],
  ['before the earlier of two failures, set back between them', failsWhileSetBack, 15, 18, true],
  ['noted by the clock that was ahead', [...failsWhileSetBack, [25, true]], 40, 45, true],
  [
    'set back between the failure and the pass',
    [
      [10, true],
      [50, false],
      [5, true],
    ],
    2,
    4,
    true,
  ],
  [
    'noted before that',
    [
      [10, true],
      [50, false],
      [5, true],
    ],
    45,
    48,
    true,
  ],
  [
    'begun by the clock that was ahead, weighed after',
    [
      [10, true],
      [20, false],
      [30, true],
    ],
    60,
    25,
    true,
  ],
  [
    'set back during a scan that touches no doubt',
    [
      [10, true],
      [20, false],
      [30, true],
    ],
    60,
    35,
    false,
  ],
])('the clock is set back; a scan is doubtful: %s', (_name, tests, from, to, wanted) => {
  expect(isDoubtful(play(...tests), from, to)).toBe(wanted);
});

test('a time of doubt that an earlier version noted the wrong way round, or without its failures, counts', () => {
  expect(isDoubtful({ lastPassAt: 10, doubtful: [{ from: 30, to: 10 }] }, 15, 20)).toBe(true);
  const open = { lastPassAt: 10, doubtful: [{ from: 30, to: null }] };
  expect(afterSelfTest(open, true, 20).doubtful).toEqual([{ from: 0, to: 30 }]);
});

test('wherever the clock is set: no time of doubt is empty, and a scan between two results of which one failed is doubtful', () => {
  // Before each scan the clock is set to any time, in steps of what lies between two tests.
  const results = fc.array(
    fc.record({ passed: fc.boolean(), clock: fc.integer({ min: 1, max: 30 }).map((step) => step * 10) }),
    {
      minLength: 2,
      maxLength: 12,
    },
  );
  fc.assert(
    fc.property(results, fc.nat(1_000), (all, draw) => {
      const record = play(...all.map(({ passed, clock }) => [clock, passed] as const));
      for (const { from, to } of record.doubtful) expect(to ?? Infinity).toBeGreaterThan(from);
      const after = 1 + (draw % (all.length - 1));
      const [first, second] = [all[after - 1]!, all[after]!];
      // The test after the scan goes by the same clock.
      if (!second.passed || !first.passed)
        expect(isDoubtful(record, second.clock - 8, second.clock - 2)).toBe(true);
    }),
  );
});

test('whatever the order of results: a scan with a pass on both sides and no failure in between is believed, any other is not', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { minLength: 2, maxLength: 12 }), fc.nat(1_000), (results, draw) => {
      const record = play(...results.map((passed, index) => [index * 10, passed] as const));
      const before = draw % (results.length - 1);
      const scan = [before * 10 + 2, before * 10 + 8] as const;
      const isBelieved = results[before] === true && results[before + 1] === true;
      expect(isDoubtful(record, ...scan)).toBe(!isBelieved && results.slice(0, before + 2).includes(false));
    }),
  );
});
