import fc from 'fast-check';
import type { Stage } from '../domain/message-event';
import { stages } from '../domain/message-event';
import type { StageLoad } from './stage-room';
import { stageRoom } from './stage-room';

const load = (stage: Stage, service: StageLoad['service'], limit: number, busy = 0): StageLoad => ({
  stage,
  service,
  limit,
  busy,
});
const bounds = (gateway: number, scanner = 100) => ({ gateway, scanner });
const room = (loads: readonly StageLoad[], gateway = 100): Record<string, number> =>
  Object.fromEntries(stageRoom(loads, bounds(gateway)));

test('where all of it fits, each stage has what its own limit leaves', () => {
  expect(
    room([load('deliver', 'gateway', 4, 1), load('confirm', 'gateway', 4, 4), load('decide', null, 3)]),
  ).toEqual({ deliver: 3, decide: 3 });
});

test('what is scarce goes first to the stage that does least, and to each its part', () => {
  const loads = [
    load('deliver', 'gateway', 4, 4),
    load('confirm', 'gateway', 4),
    load('reconcile', 'gateway', 2),
  ];
  expect(room(loads, 5)).toEqual({ confirm: 1 });
  expect(room(loads, 6)).toEqual({ confirm: 1, reconcile: 1 });
  expect(room(loads, 7)).toEqual({ confirm: 2, reconcile: 1 });
  expect(room(loads, 4)).toEqual({});
});

test('a stage of no service is bound by its own limit alone', () => {
  expect(room([load('decide', null, 4, 1), load('deliver', 'gateway', 4)], 0)).toEqual({ decide: 3 });
});

test('no limit and no bound is ever passed, nothing is left lying, and nobody is kept out', () => {
  const loads = fc.array(
    fc.record({
      service: fc.constantFrom('gateway' as const, 'scanner' as const, null),
      limit: fc.integer({ min: 0, max: 9 }),
      busy: fc.integer({ min: 0, max: 12 }),
    }),
    { maxLength: stages.length },
  );
  fc.assert(
    fc.property(
      loads,
      fc.integer({ min: 0, max: 20 }),
      fc.integer({ min: 0, max: 20 }),
      (drawn, gateway, scanner) => {
        const all = drawn.map((one, index): StageLoad => ({ ...one, stage: stages[index]! }));
        const given = stageRoom(all, { gateway, scanner });
        for (const { stage, limit, busy } of all)
          expect(given.get(stage) ?? 0).toBeLessThanOrEqual(Math.max(0, limit - busy));
        for (const [service, bound] of [
          ['gateway', gateway],
          ['scanner', scanner],
        ] as const) {
          const own = all.filter((one) => one.service === service);
          const sum = (of: (one: StageLoad) => number): number =>
            own.reduce((total, one) => total + of(one), 0);
          const more = sum(({ stage }) => given.get(stage) ?? 0);
          const wanted = sum(({ limit, busy }) => Math.max(0, limit - busy));
          expect(more).toBe(Math.max(0, Math.min(wanted, bound - sum(({ busy }) => busy))));
        }
      },
    ),
  );
});
