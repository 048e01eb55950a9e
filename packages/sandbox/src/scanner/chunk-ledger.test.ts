import fc from 'fast-check';
import { createChunkLedger } from './chunk-ledger';

test('it counts what is there without a gap, whatever the order', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(30), fc.integer({ min: 1, max: 10 })), { maxLength: 15 }),
      (chunks) => {
        const ledger = createChunkLedger();
        const there = new Set<number>();
        for (const [start, length] of chunks) {
          ledger.add(start, start + length);
          for (let at = start; at < start + length; at += 1) there.add(at);
        }
        let reached = 0;
        while (there.has(reached)) reached += 1;
        expect(ledger.contiguous()).toBe(reached);
      },
    ),
  );
});

test('what was written over is forgotten, what lies beside it is not', () => {
  const ledger = createChunkLedger();
  ledger.add(0, 10);
  ledger.add(10, 20);
  ledger.add(20, 30);
  ledger.spoil(12, 13);
  expect(ledger.contiguous()).toBe(10);
  ledger.add(10, 20);
  expect(ledger.contiguous()).toBe(30);
  ledger.spoil(30, 40);
  ledger.spoil(5, 5);
  expect(ledger.contiguous()).toBe(30);
});
