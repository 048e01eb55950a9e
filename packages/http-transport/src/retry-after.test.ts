import { parseRetryAfter } from './retry-after';

const now = Date.parse('2026-01-01T00:00:00Z');

it.each<[string | undefined, number | undefined]>([
  [undefined, undefined],
  ['', undefined],
  ['0', 0],
  ['120', 120_000],
  [' 1.5 ', 1500],
  ['Thu, 01 Jan 2026 00:00:10 GMT', 10_000],
  ['2026-01-01T00:01:00Z', 60_000],
  ['Wed, 31 Dec 2025 23:59:59 GMT', 0],
  ['-5', undefined],
  ['soon', undefined],
  ['Abc, nonsense', undefined],
  ['99999999999999999999', Number.MAX_SAFE_INTEGER],
])('%s', (value, expected) => {
  expect(parseRetryAfter(value, now)).toBe(expected);
});
