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
