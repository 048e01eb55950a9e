import fc from 'fast-check';
import { apiDate, parseApiDate, parseDays, parseHours } from './api-dates';

test('dates have seven digits of a second, with a zone or without', () => {
  expect(apiDate(1_600_000_000_123, 'Z')).toBe('2020-09-13T12:26:40.1230000Z');
  expect(apiDate(1_600_000_000_123, '')).toBe('2020-09-13T12:26:40.1230000');
});

test('what was written is read, and no zone means UTC', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 4_000_000_000_000 }),
      fc.constantFrom('Z' as const, '' as const),
      (at, zone) => {
        expect(parseApiDate(apiDate(at, zone))).toBe(at);
      },
    ),
  );
  expect(parseApiDate('2020-01-01T02:00:00+02:00')).toBe(Date.UTC(2020, 0, 1));
  expect(parseApiDate('2020-01-01')).toBe(Date.UTC(2020, 0, 1));
  expect(['01/02/2020', 'soon', '2020-13-01', ''].map(parseApiDate)).toEqual(Array(4).fill(undefined));
});

test('durations are read up to what .NET can hold', () => {
  expect(parseDays('01:02:03:04')).toBe(93_784_000);
  expect(parseDays('10675199:00:00:00')).toBe(10_675_199 * 86_400_000);
  const bad = ['10675200:00:00:00', '1:24:00:00', '1:00:60:00', '1:00:00', '-1:00:00:00', '1d'];
  expect(bad.map(parseDays)).toEqual(bad.map(() => undefined));
  expect(parseHours('23:59:59')).toBe(86_399_000);
  expect(parseHours('24:00:00')).toBeUndefined();
});
