/** A service that is down is left alone: what waits says why, is given up in time, and goes on at once when it is back. */
import { ConnectionError } from '@mft-bridge/http-transport';
import type { DueWork } from '../ledger/ledger';
import type { GivenUp, RunnerFixture } from './test/runner-fixture';
import { openRunner } from './test/runner-fixture';

const away = new ConnectionError({
  message: 'files.status failed.',
  operation: 'files.status',
  outcome: 'unknown',
  attempts: 1,
  host: 'scanner:8010',
});

let rig: RunnerFixture;
beforeEach(async () => {
  rig = await openRunner({ failures: 2 });
});
afterEach(() => rig.close());

/** Whether all scans wait for the scanner, and say so. */
const allWait = async (count: number): Promise<boolean> =>
  (await rig.scans()).filter(({ why }) => why?.startsWith('the scanner has not answered since 1970') === true)
    .length === count;

test('is not asked again by all who wait; they say since when and why, and no try is counted', async () => {
  await rig.take(6);
  const run = jest.fn(() => Promise.reject(away));
  rig.start({ run }, { limit: 1 });
  await rig.until(() => rig.breakers.scanner.outage() !== null);
  // Rested after each refusal, by the monotonic clock.
  await rig.until(async () => {
    rig.goOn(200);
    return rig.monotonic() > 4_000 || (await allWait(4));
  });
  expect(await allWait(4)).toBe(true);
  expect(run).toHaveBeenCalledTimes(2);
  for (const { attempts, dueAt, why } of await rig.scans()) {
    expect(attempts).toBe(0);
    if (why?.startsWith('the scanner has not') === true)
      expect(dueAt).toBeGreaterThan(rig.temporary.clock.now + 60_000);
  }
});

test('one step tries when the wait is over; once it is answered all go on at once', async () => {
  await rig.take(6);
  let isAway = true;
  const run = jest.fn(async (work: DueWork) => {
    if (isAway) throw away;
    rig.breakers.scanner.answered('files.status');
    await rig.temporary.ledger.due.finish(work);
    return { type: 'done' } as const;
  });
  rig.start({ run }, { limit: 6 });
  // All six were let through before anybody knew.
  await rig.afterSteps(6);
  await rig.until(async () => {
    rig.goOn(1);
    return (await rig.scans()).length === 6;
  });
  rig.temporary.clock.now += 20_000;
  rig.runner.wake();
  await rig.until(() => allWait(6));
  expect(run).toHaveBeenCalledTimes(6);

  rig.goOn(5_000);
  await rig.until(() => run.mock.calls.length === 7);
  rig.goOn(9_000);
  await rig.afterSteps(7);
  expect(run).toHaveBeenCalledTimes(7);

  isAway = false;
  rig.goOn(2_000);
  await rig.until(async () => {
    rig.goOn(100);
    return (await rig.scans()).length === 0;
  });
});

test('what is overdue meanwhile is given up all the same', async () => {
  await rig.take(3);
  const givenUp: GivenUp[] = [];
  rig.start(
    {
      run: () => Promise.reject(away),
      deadlineMs: 30_000,
      async giveUp(work, why) {
        givenUp.push(why);
        await rig.temporary.ledger.due.finish(work);
      },
    },
    { limit: 1 },
  );
  await rig.until(async () => {
    rig.goOn(100);
    return rig.breakers.scanner.outage() !== null && (await rig.scans()).every(({ why }) => why !== null);
  });
  await rig.until(async () => {
    rig.goOn(1_000);
    return (await rig.scans()).length === 0;
  });
  expect(givenUp).toHaveLength(3);
  for (const why of givenUp) expect(why).toMatchObject({ overdue: true });
});

test('stands in the way of nobody who does not ask it', async () => {
  await rig.take(1);
  for (const why of ['x', 'y']) rig.breakers.scanner.failed('scan', { why, operation: null });
  rig.start({
    serviceOf: () => Promise.resolve(null),
    run: (work) => rig.temporary.ledger.due.finish(work).then(() => ({ type: 'done' })),
  });
  await rig.afterSteps(1);
  expect(await rig.scans()).toEqual([]);
});

test('of an earlier run: what waited for it is brought forward at the start', async () => {
  await rig.take(1);
  const [work] = await rig.temporary.ledger.due.claim({ limits: { scan: 1 }, now: 5_000, leaseMs: 100_000 });
  const why = 'the scanner has not answered since 2026-01-31T08:00:00.000Z: it was away';
  await rig.temporary.ledger.due.postpone(work!, { dueAt: 900_000, why, failed: false });
  rig.start({ run: (claimed) => rig.temporary.ledger.due.finish(claimed).then(() => ({ type: 'done' })) });
  await rig.afterSteps(1);
  expect(await rig.scans()).toEqual([]);
});
