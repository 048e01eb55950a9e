import fc from 'fast-check';
import { createChunkLedger } from './chunk-ledger';

const prefixOf = (index: number) => `sha-${String(index)}`;

test('whatever the order of answers and the place of the crash, what was acknowledged is known and the rest is not', () => {
  const orders = fc
    .integer({ min: 0, max: 40 })
    .chain((count) =>
      fc.tuple(
        fc.shuffledSubarray([...Array(count).keys()], { minLength: 0, maxLength: count }),
        fc.constant(count),
      ),
    );
  fc.assert(
    fc.property(orders, fc.nat(), ([order, count], crashAt) => {
      const first = createChunkLedger();
      const done = order.slice(0, crashAt % (order.length + 1));
      for (const index of done) first.acknowledge(index, prefixOf(index));
      const stored = JSON.parse(JSON.stringify(first.state())) as ReturnType<typeof first.state>;

      const second = createChunkLedger(stored);
      for (let index = 0; index < count; index += 1) {
        const before = second.before(index);
        expect(before !== undefined).toBe(done.includes(index));
        // Where a hash is kept at all, it is the one of the file up to there.
        if (before?.sha256 !== undefined) expect(before.sha256).toBe(prefixOf(index));
      }
      // The hash that stands for all of the first chunks is always compared.
      if (stored.contiguous > 0) expect(second.before(stored.contiguous - 1)?.sha256).toBeDefined();
      for (const { index } of stored.ahead) expect(second.before(index)?.sha256).toBe(prefixOf(index));

      for (let index = 0; index < count; index += 1)
        if (!done.includes(index)) second.acknowledge(index, prefixOf(index));
      expect(second.state()).toEqual(
        count === 0
          ? { contiguous: 0, ahead: [] }
          : { contiguous: count, sha256: prefixOf(count - 1), ahead: [] },
      );
    }),
  );
});

test('its size does not grow with the file', () => {
  const ledger = createChunkLedger();
  for (let index = 0; index < 10_000; index += 1) ledger.acknowledge(index, prefixOf(index));
  ledger.acknowledge(10_001, prefixOf(10_001));
  expect(JSON.stringify(ledger.state()).length).toBeLessThan(200);
});
