import fc from 'fast-check';
import { chunkPlan, MAX_CHUNK_BYTES } from './chunk-plan';

test('chunks cover a file exactly once and in order, all but the last of full size', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 1_000_000 }),
      fc.integer({ min: 5000, max: 300_000 }),
      (size, chunkBytes) => {
        let next = 0;
        const chunks = [...chunkPlan(size, chunkBytes)];
        chunks.forEach((chunk, index) => {
          expect(chunk).toMatchObject({ index, offset: next });
          expect(chunk.length).toBeGreaterThan(0);
          if (index < chunks.length - 1) expect(chunk.length).toBe(chunkBytes);
          else expect(chunk.length).toBeLessThanOrEqual(chunkBytes);
          next += chunk.length;
        });
        expect(next).toBe(size);
      },
    ),
  );
});

test('an empty file has no chunk', () => expect([...chunkPlan(0, 10)]).toEqual([]));

test('nothing is planned ahead: the first chunk of 8 PB is there at once', () => {
  expect(chunkPlan(2 ** 53 - 1, 10).next().value).toEqual({ index: 0, offset: 0, length: 10 });
});

test.each([
  [-1, 10],
  [1.5, 10],
  [NaN, 10],
  [10, 0],
  [10, 1.5],
  [10, MAX_CHUNK_BYTES + 1],
])('%d bytes in chunks of %d is refused', (size, chunkBytes) => {
  expect(() => [...chunkPlan(size, chunkBytes)]).toThrow(RangeError);
});
