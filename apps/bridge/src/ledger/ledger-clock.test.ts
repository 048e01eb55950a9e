import fc from 'fast-check';
import { createLedgerClock } from './ledger-clock';

test('until it is measured it is the time of the machine', () => {
  expect(createLedgerClock({ wall: () => 5, monotonic: () => 0 }).now()).toBe(5);
});

test('it agrees with the clock that was measured, whatever the machine thinks, and does not shiver with the network', () => {
  let elapsed = 0;
  const clock = createLedgerClock({ wall: () => 3_600_000, monotonic: () => elapsed });
  clock.measured(1_000, 0, 10);
  elapsed = 10;
  expect(clock.now()).toBe(1_005);
  // The same time, over ways of other lengths.
  clock.measured(1_040, 40, 140);
  clock.measured(1_200, 150, 205);
  elapsed = 1_000;
  expect(clock.now()).toBe(1_995);
});

test('a small step back stands still, a large one is followed', () => {
  let elapsed = 0;
  const clock = createLedgerClock({ wall: () => 0, monotonic: () => elapsed });
  clock.measured(100_000, 0, 0);
  expect(clock.now()).toBe(100_000);
  clock.measured(99_700, 0, 0);
  expect(clock.now()).toBe(100_000);
  elapsed = 200;
  expect(clock.now()).toBe(100_000);
  elapsed = 301;
  expect(clock.now()).toBe(100_001);
  clock.measured(50_000, 301, 301);
  expect(clock.now()).toBe(50_000);
});

test('two machines with clocks of their own agree to within their round trips', () => {
  const machine = fc.record({
    apart: fc.integer({ min: -10_000_000, max: 10_000_000 }),
    ways: fc.array(fc.tuple(fc.nat(400), fc.nat(400)), { minLength: 1, maxLength: 20 }),
  });
  fc.assert(
    fc.property(fc.tuple(machine, machine), (machines) => {
      const times = machines.map(({ apart, ways }) => {
        let real = 0;
        const clock = createLedgerClock({ wall: () => 0, monotonic: () => real + apart });
        for (const [there, back] of ways) {
          const sent = real + apart;
          clock.measured(1_000_000 + real + there, sent, sent + there + back);
          real += there + back + 1_000;
        }
        return clock.now() - real;
      });
      for (const time of times) expect(Math.abs(time - 1_000_000)).toBeLessThanOrEqual(401);
    }),
  );
});
