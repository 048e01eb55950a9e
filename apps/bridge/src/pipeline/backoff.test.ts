import fc from 'fast-check';
import { waitByAge, waitByTries } from './backoff';

const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

test.each([
  // elapsed, random, wait: a quarter of the age within 100 and 1,000 ms, of which at least half.
  [0, 0, 50],
  [0, 0.999_999, 100],
  [400, 0.5, 75],
  [2_000, 0, 250],
  [2_000, 0.5, 375],
  [4_000, 0.999_999, 1_000],
  [3_600_000, 0, 500],
])('by age: after %d ms with %d', (elapsed, at, wait) => {
  expect(waitByAge(elapsed, { firstMs: 100, maxMs: 1_000 }, at)).toBe(wait);
});

test('by age: within half of the first and the most, whatever the age', () => {
  fc.assert(
    fc.property(fc.integer({ min: -10, max: 1e12 }), random, (elapsed, at) => {
      const wait = waitByAge(elapsed, { firstMs: 100, maxMs: 30_000 }, at);
      expect(wait).toBeGreaterThanOrEqual(50);
      expect(wait).toBeLessThanOrEqual(30_000);
    }),
  );
});

test.each([
  [0, 0, 10],
  [0, 0.5, 50],
  [3, 0.5, 400],
  [3, 0, 80],
  [20, 0.5, 5_000],
])('by tries: after %d with %d', (attempts, at, wait) => {
  expect(waitByTries(attempts, { baseMs: 100, maxMs: 10_000 }, at)).toBe(wait);
});

test('by tries: never at once and never above the most, however often it was tried', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1_000_000 }), random, (attempts, at) => {
      const wait = waitByTries(attempts, { baseMs: 250, maxMs: 300_000 }, at);
      expect(wait).toBeGreaterThanOrEqual(25);
      expect(wait).toBeLessThanOrEqual(300_000);
    }),
  );
});
