import fc from 'fast-check';
import { formatDuration, parseDuration } from './duration';

test.each([
  ['500ms', 500],
  ['30s', 30_000],
  ['1.5h', 5_400_000],
  [' 7 d ', 604_800_000],
  ['0s', 0],
])('%s is %d ms', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each(['30', '', 's', '-5s', '1h30m', '5 minutes', '1e3s', '5S', 30, null, undefined, ['5s']])(
  '%p is none',
  (value) => {
    expect(parseDuration(value)).toBeUndefined();
  },
);

test('what is written is read back as the same', () => {
  fc.assert(
    fc.property(fc.nat(100_000_000), (ms) => {
      expect(parseDuration(formatDuration(ms))).toBe(ms);
    }),
  );
});

test('is written in the largest unit without a fraction', () => {
  expect([90_000, 60_000, 86_400_000, 1, 0].map(formatDuration)).toEqual(['90s', '1m', '1d', '1ms', '0ms']);
});
