import fc from 'fast-check';
import { fileDuration, keyDuration } from './duration';

const msOf = (text: string): number => {
  const parts = text.split(':').map(Number);
  const [days, hours, minutes, seconds] = parts.length === 4 ? parts : [0, ...parts];
  return (((days! * 24 + hours!) * 60 + minutes!) * 60 + seconds!) * 1000;
};

test('a day and a bit', () => {
  expect(fileDuration(86_400_000 + 3_600_000 + 120_000 + 3000)).toBe('01:01:02:03');
  expect(keyDuration(3_600_000)).toBe('01:00:00');
});

test('what is written is never shorter than what was asked for, and by less than a second longer', () => {
  const exact = (ms: number, written: string) => {
    expect(msOf(written)).toBeGreaterThanOrEqual(ms);
    expect(msOf(written)).toBeLessThan(ms + 1000);
  };
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10_675_199 * 86_400_000 }), (ms) => exact(ms, fileDuration(ms))),
  );
  fc.assert(fc.property(fc.integer({ min: 1, max: 86_399_000 }), (ms) => exact(ms, keyDuration(ms))));
});

test.each([0, -1, NaN, Infinity, 10_675_201 * 86_400_000])('%d ms is refused', (ms) => {
  expect(() => fileDuration(ms)).toThrow(RangeError);
});

test('a key cannot be extended by a day', () => {
  expect(() => keyDuration(86_400_000)).toThrow(RangeError);
});
