import { gravest } from './exit-status';
import { parseDuration } from './options/parse-duration';
import { createSecrets } from './secrets';

test.each([
  [[], 0],
  [[0, 0], 0],
  [[0, 3], 3],
  [[0, 3, 1], 1],
  [[1, 2, 0, 3], 2],
] as const)('%j together are %i', (statuses, expected) => {
  expect(gravest(statuses)).toBe(expected);
});

test.each([
  ['500ms', 500],
  ['1.5s', 1500],
  ['15m', 900_000],
  ['90d', 90 * 86_400_000],
])('%s is %i ms', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each(['', '5', '0s', '-1s', '1 week', '1e9s'])('%j is no span of time', (text) => {
  expect(() => parseDuration(text)).toThrow('span of time');
});

test('secrets are taken out of text, the longer before the shorter that is a part of it', () => {
  const secrets = createSecrets();
  secrets.keep('abcd');
  secrets.keep('abcd1234');
  secrets.keep('xy');
  expect(secrets.removeFrom('xy abcd1234 abcd')).toBe('xy [secret] [secret]');
});
