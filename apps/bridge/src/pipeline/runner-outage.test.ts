/** A service that is down is left alone: what waits says why, is given up in time, and goes on at once when it is back. */
import { BadRequestError, ConnectionError } from '@mft-bridge/http-transport';
import type { DueWork } from '../ledger/ledger';
import { StaleChangeError } from '../ledger/ledger';
import { LedgerUnavailableError } from '../ledger/ledger-unavailable-error';
import type { GivenUp, RunnerFixture } from './test/runner-fixture';
import { openRunner } from './test/runner-fixture';

const away = new ConnectionError({
  message: 'files.status failed.',
  operation: 'files.status',
  outcome: 'unknown',
  attempts: 1,
  host: 'scanner:8010',
});

const rejected = new BadRequestError({
  message: 'uploads.open failed.',
  operation: 'uploads.open',
  outcome: 'rejected',
  attempts: 1,
  status: 400,
  method: 'GET',
  path: '/upload',
  headers: {},
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

/** How many of them were looked at, and wait for longer than a trial. */
const givenBack = async (): Promise<number> =>
  (await rig.scans()).filter(
    ({ why, dueAt }) =>
      why?.startsWith('the scanner has not') === true && dueAt > rig.temporary.clock.now + 60_000,
  ).length;

test('is not asked again by all who wait; they say since when and why, and no try is counted', async () => {
  await rig.take(6);
  const run = jest.fn(() => Promise.reject(away));
  rig.start({ run }, { limit: 1 });
  await rig.until(() => rig.breakers.scanner.outage() !== null);
  // Rested after each refusal, by the monotonic clock.
  await rig.until(async () => {
    rig.goOn(200);
    return rig.monotonic() > 4_000 || (await givenBack()) === 4;
  });
  expect(await allWait(4)).toBe(true);
  expect(await givenBack()).toBe(4);
  expect(run).toHaveBeenCalledTimes(2);
  for (const { attempts } of await rig.scans()) expect(attempts).toBe(0);
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

test('what stands behind says so at once, and no longer once it is over', async () => {
  await rig.take(50);
  for (const why of ['x', 'y']) rig.breakers.scanner.failed('scan', { why, operation: null });
  let letGo: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (letGo = resolve));
  rig.start(
    {
      async run(work) {
        await held;
        await rig.temporary.ledger.due.finish(work);
        return { type: 'done' };
      },
    },
    { limit: 1 },
  );
  // One step was refused: the clock on which the stage rests stands still.
  await rig.until(() => allWait(50));
  expect((await rig.scans()).filter(({ epoch }) => epoch > 0)).toHaveLength(1);
  rig.breakers.scanner.answered('files.status');
  rig.goOn(200);
  await rig.until(async () => (await rig.scans()).filter(({ why }) => why !== null).length === 0);
  letGo();
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

test.each<[string, () => Error | null, boolean]>([
  ['the ledger did not answer', () => new LedgerUnavailableError('disk full', 'SQLITE_FULL'), true],
  ['the message moved on', () => new StaleChangeError('moved on'), true],
  ['bytes of ours were refused', () => rejected, true],
  ['it ended well without that call', () => null, false],
])('a trial in which %s: whether the lane stays shut', async (_what, end, stays) => {
  await rig.take(1);
  const { scanner } = rig.breakers;
  for (let turn = 0; turn < 2; turn += 1) {
    scanner.failed('scan', { why: '503', operation: 'files.status' });
    scanner.answered('system.version');
  }
  let trials = 0;
  rig.start({
    tries: 1_000,
    run() {
      trials += 1;
      const error = end();
      if (error !== null) return Promise.reject(error);
      return Promise.resolve({ type: 'later', delayMs: 1, why: 'again', failed: false });
    },
  });
  await rig.until(() => {
    rig.goOn(10_000);
    return trials >= 4 && rig.monotonic() > 60_000;
  });
  expect(scanner.outage('scan') !== null).toBe(stays);
});
