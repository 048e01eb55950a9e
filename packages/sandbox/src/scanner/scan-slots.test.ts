import fc from 'fast-check';
import { createScanSlots } from './scan-slots';

describe('scan slots', () => {
  it('run no more scans at once than there are places, in order, and none later than needed', () => {
    const arrival = fc.record({ passMs: fc.nat(30), scanMs: fc.nat(50) });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), fc.array(arrival, { maxLength: 60 }), (limit, arrivals) => {
        let time = 1_000;
        const slots = createScanSlots(() => time);
        const planned: { start: number; end: number }[] = [];
        for (const { passMs, scanMs } of arrivals) {
          time += passMs;
          const start = slots.plan(scanMs, limit);
          expect(start).toBeGreaterThanOrEqual(Math.max(time, planned.at(-1)?.start ?? 0));
          const busyAt = (moment: number): number =>
            planned.filter((scan) => scan.start <= moment && moment < scan.end).length;
          expect(busyAt(start)).toBeLessThan(limit);
          // It waits only while all places are taken.
          for (let moment = time; moment < start; moment += 1) expect(busyAt(moment)).toBe(limit);
          planned.push({ start, end: start + scanMs });
          expect(slots.running()).toBe(busyAt(time));
          expect(slots.waiting()).toBe(planned.filter((scan) => scan.start > time).length);
        }
      }),
    );
  });

  it('without a limit everything starts at once, and counts when there is one again', () => {
    let time = 0;
    const slots = createScanSlots(() => time);
    expect([slots.plan(100, null), slots.plan(200, null), slots.plan(300, null)]).toEqual([0, 0, 0]);
    expect(slots.running()).toBe(3);
    expect(slots.plan(10, 2)).toBe(200);
    time = 205;
    expect([slots.running(), slots.waiting()]).toEqual([2, 0]);
  });
});
