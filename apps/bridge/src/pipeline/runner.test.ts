import { setTimeout as sleep } from 'node:timers/promises';
import { ConnectionError, ResponseShapeError, ServiceUnavailableError } from '@mft-bridge/http-transport';
import { CustodyDamagedError } from '../custody/custody';
import { StaleChangeError } from '../ledger/ledger';
import type { StageHandler } from './stage';
import type { GivenUp, RunnerFixture } from './test/runner-fixture';
import { openRunner } from './test/runner-fixture';

const facts = {
  message: 'files.status failed.',
  operation: 'files.status',
  outcome: 'unknown' as const,
  attempts: 1,
};
const away = new ConnectionError({ ...facts, host: 'scanner:8010' });
const garbled = new ResponseShapeError({ ...facts, status: 200 });
const busy = new ServiceUnavailableError({
  ...facts,
  status: 503,
  retryAfterMs: 7_000,
  method: 'GET',
  path: '/',
  headers: {},
});

let rig: RunnerFixture;
beforeEach(async () => {
  rig = await openRunner();
});
afterEach(() => rig.close());

test('a service that is away: no try is counted, it is marked as down, and the wait grows with the age', async () => {
  await rig.take();
  rig.start({ run: () => Promise.reject(away) });
  await rig.afterSteps(1);
  const [first] = await rig.scans();
  expect(first).toMatchObject({ attempts: 0, why: away.message });
  expect(rig.activity.readiness().reasons).toEqual([{ part: 'scanner', reason: away.message }]);
  const firstWait = first!.dueAt - rig.temporary.clock.now;
  for (let turn = 2; turn <= 11; turn += 1) {
    rig.goOn(20_000);
    await rig.afterSteps(turn);
  }
  const [later] = await rig.scans();
  expect(later!.attempts).toBe(0);
  expect(later!.dueAt - rig.temporary.clock.now).toBeGreaterThan(firstWait);
});

test('Retry-After is kept, and answers of a busy service are no tries', async () => {
  await rig.take();
  rig.start({ run: () => Promise.reject(busy) });
  await rig.afterSteps(1);
  expect(await rig.scans()).toEqual([
    expect.objectContaining({ attempts: 0, dueAt: rig.temporary.clock.now + 7_000 }),
  ]);
});

test('Retry-After of a day: asked again in an hour, and never after its deadline', async () => {
  await rig.take(2);
  const { clock } = rig.temporary;
  const busyForADay = new ServiceUnavailableError({
    ...{ ...facts, status: 503, method: 'GET' as const, path: '/', headers: {} },
    retryAfterMs: 86_400_000,
  });
  rig.start({ run: () => Promise.reject(busyForADay) }, { limit: 1 });
  await rig.afterSteps(2);
  expect((await rig.scans()).map(({ dueAt }) => dueAt)).toEqual(
    [3_600_000, 3_600_000].map((ms) => clock.now + ms),
  );
});

test('Retry-After that ends past the deadline: looked at when that is over', async () => {
  await rig.take();
  rig.start({ run: () => Promise.reject(busy), deadlineMs: 5_000 });
  await rig.afterSteps(1);
  const [work] = await rig.scans();
  expect(work!.dueAt).toBe(work!.since + 5_001);
});

test('answers that are not understood: bounded tries, then given up, once', async () => {
  await rig.take();
  const givenUp: GivenUp[] = [];
  rig.start({
    run: () => Promise.reject(garbled),
    async giveUp(work, why) {
      givenUp.push(why);
      await rig.temporary.ledger.due.finish(work);
    },
  });
  for (let turn = 1; turn <= 3; turn += 1) {
    await rig.afterSteps(turn);
    rig.goOn(30_000);
  }
  expect(givenUp).toEqual([{ text: garbled.message, unreadable: true, overdue: false, damaged: false }]);
  expect(await rig.scans()).toEqual([]);
});

test('past its deadline it is given up without another try, and people read why it waited', async () => {
  await rig.take();
  const givenUp: GivenUp[] = [];
  const run = jest.fn(() =>
    Promise.resolve({ type: 'later', delayMs: 50_000, why: 'being scanned', failed: false } as const),
  );
  rig.start({
    run,
    deadlineMs: 60_000,
    async giveUp(work, why) {
      givenUp.push(why);
      await rig.temporary.ledger.due.finish(work);
    },
  });
  await rig.afterSteps(1);
  rig.goOn(60_001);
  await rig.afterSteps(2);
  expect(run).toHaveBeenCalledTimes(1);
  expect(givenUp).toEqual([{ text: 'being scanned', unreadable: false, overdue: true, damaged: false }]);
});

test('"later" that failed counts, "later" that did not never runs out', async () => {
  await rig.take(2);
  const givenUp: string[] = [];
  rig.start({
    run: (work) =>
      Promise.resolve({ type: 'later', delayMs: 10, why: 'again', failed: work.subject === 'm-1' }),
    async giveUp(work) {
      givenUp.push(work.subject);
      await rig.temporary.ledger.due.finish(work);
    },
  });
  for (let turn = 1; turn <= 3; turn += 1) {
    await rig.afterSteps(2 * turn);
    rig.goOn(1_000);
  }
  await rig.afterSteps(7);
  expect(givenUp).toEqual(['m-1']);
  expect(await rig.scans()).toEqual([expect.objectContaining({ attempts: 0, why: 'again' })]);
});

test('damaged bytes are given up at the first sight', async () => {
  await rig.take();
  const givenUp: GivenUp[] = [];
  rig.start({
    run: () => Promise.reject(new CustodyDamagedError('other bytes')),
    async giveUp(work, why) {
      givenUp.push(why);
      await rig.temporary.ledger.due.finish(work);
    },
  });
  await rig.afterSteps(1);
  expect(givenUp).toEqual([expect.objectContaining({ damaged: true, text: 'other bytes' })]);
});

test('a lost race is done again soon, and is no try', async () => {
  await rig.take();
  rig.start({ run: () => Promise.reject(new StaleChangeError('moved on')) });
  await rig.afterSteps(1);
  expect(await rig.scans()).toEqual([
    expect.objectContaining({ attempts: 0, dueAt: rig.temporary.clock.now + 50 }),
  ]);
});

test('an outcome that cannot be written: the row stands, and the step is done again', async () => {
  await rig.take();
  const giveUp = jest.fn(() => Promise.reject(new Error('the ledger is full')));
  rig.start({ run: () => Promise.reject(garbled), tries: 1, giveUp });
  await rig.afterSteps(1);
  expect(await rig.scans()).toEqual([
    expect.objectContaining({ attempts: 0, why: 'the ledger did not take the outcome' }),
  ]);
  rig.goOn(5_000);
  await rig.afterSteps(2);
  expect(giveUp).toHaveBeenCalledTimes(2);
});

test('a row that cannot be given back is not left to its lease: it is tried on until the ledger takes it', async () => {
  await rig.take();
  let refusals = 0;
  const { due } = rig.temporary.ledger;
  rig.start(
    { run: () => Promise.reject(busy) },
    {
      ledger: {
        due: {
          ...due,
          postpone(work, when) {
            refusals += 1;
            return refusals === 1 ? Promise.reject(new Error('disk full')) : due.postpone(work, when);
          },
        },
      },
    },
  );
  await rig.afterSteps(1);
  expect(refusals).toBe(2);
  expect(await rig.scans()).toEqual([expect.objectContaining({ why: busy.message })]);
});

test('the clock is set back by hours: what waits does not wait for hours more', async () => {
  await rig.take();
  rig.start({ run: () => Promise.reject(busy) });
  await rig.afterSteps(1);
  rig.temporary.clock.now -= 3 * 3_600_000;
  rig.runner.wake();
  await rig.afterSteps(2);
  expect(await rig.scans()).toEqual([expect.objectContaining({ dueAt: rig.temporary.clock.now + 7_000 })]);
});

describe('at a time', () => {
  /** Scans, each of which ends only when it is let go. */
  function counted(): {
    readonly scan: Partial<StageHandler>;
    readonly seen: { now: number; most: number; done: number };
  } {
    const seen = { now: 0, most: 0, done: 0 };
    return {
      seen,
      scan: {
        async run(work) {
          seen.now += 1;
          seen.most = Math.max(seen.most, seen.now);
          await sleep(10);
          seen.now -= 1;
          seen.done += 1;
          await rig.temporary.ledger.due.finish(work);
          return { type: 'done' };
        },
      },
    };
  }

  test('no more steps of a stage run than its limit says, and all are done', async () => {
    await rig.take(9);
    const { scan, seen } = counted();
    rig.start(scan, { limit: 3 });
    await rig.until(() => seen.done === 9);
    expect(seen.most).toBe(3);
    await rig.until(async () => (await rig.scans()).length === 0);
  });

  test('nor more of all stages of a service than that service may do', async () => {
    await rig.take(9);
    const { scan, seen } = counted();
    rig.start(scan, { limit: 5, bound: 2 });
    await rig.until(() => seen.done === 9);
    expect(seen.most).toBe(2);
  });
});

describe('stop', () => {
  test('lets a running step end within the grace, and begins no other', async () => {
    await rig.take(3);
    let begun = 0;
    let finished = 0;
    rig.start(
      {
        async run(work) {
          begun += 1;
          await sleep(100);
          finished += 1;
          await rig.temporary.ledger.due.finish(work);
          return { type: 'done' };
        },
      },
      { limit: 1 },
    );
    await rig.until(() => begun === 1);
    await rig.runner.stop(5_000);
    expect([begun, finished]).toEqual([1, 1]);
    expect(await rig.scans()).toHaveLength(2);
  });

  test('aborts what outlasts the grace, and gives it back to be done at once, without counting a try', async () => {
    await rig.take();
    let begun = 0;
    rig.start({
      run: (_work, signal) =>
        new Promise((_resolve, reject) => {
          begun += 1;
          signal.addEventListener('abort', () => reject(new Error('cut off')));
        }),
    });
    await rig.until(() => begun === 1);
    // The step itself would never end.
    await rig.runner.stop(50);
    const [work] = await rig.temporary.ledger.due.claim({
      limits: { scan: 1 },
      now: rig.temporary.clock.now,
      leaseMs: 1,
    });
    expect(work).toMatchObject({ attempts: 0, why: 'the bridge was stopped', epoch: 2 });
  });
});

test('a clock that is set forward by more than a lease has no step done twice at once', async () => {
  await rig.take(1);
  let begun = 0;
  let letGo: () => void = () => undefined;
  rig.start({
    async run(work) {
      begun += 1;
      await new Promise<void>((resolve) => (letGo = resolve));
      await rig.temporary.ledger.due.finish(work);
      return { type: 'done' };
    },
  });
  await rig.until(() => begun === 1);
  const [before] = await rig.scans();
  rig.goOn(25 * 3_600_000);
  await rig.until(async () => (await rig.scans())[0]?.epoch !== before?.epoch);
  rig.goOn(0);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(begun).toBe(1);
  letGo();
  // As after a crash: what the first came to was refused.
  await rig.until(() => begun === 2);
  letGo();
  await rig.until(async () => (await rig.scans()).length === 0);
});
