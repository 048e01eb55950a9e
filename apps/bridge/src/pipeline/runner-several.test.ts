/** One runner of several: it takes its part of the places, and leaves to others what they can do and it cannot. */
import type { DueWork } from '../ledger/ledger';
import type { Membership } from '../ledger/membership';
import { soleMembership } from '../ledger/membership';
import type { RunnerFixture } from './test/runner-fixture';
import { openRunner } from './test/runner-fixture';

let rig: RunnerFixture;
let share: number;
let othersGoOn: (why: string) => boolean;
const hintOthers = jest.fn();
const membership: Membership = {
  ...soleMembership('b'),
  several: true,
  share: () => share,
  othersGoOn: (why) => othersGoOn(why),
  hintOthers,
};

beforeEach(async () => {
  [share, othersGoOn] = [0.5, () => false];
  hintOthers.mockClear();
  rig = await openRunner({ failures: 1 });
});
afterEach(() => rig.close());

/** Scans that run until they are let go. */
function scans(): {
  run: (work: DueWork) => Promise<{ type: 'done' }>;
  running: () => number;
  letGo: () => void;
} {
  const waiting: (() => void)[] = [];
  return {
    running: () => waiting.length,
    letGo: () => {
      for (const go of waiting.splice(0)) go();
    },
    async run(work) {
      await new Promise<void>((resolve) => waiting.push(resolve));
      await rig.temporary.ledger.due.finish(work);
      return { type: 'done' };
    },
  };
}

test('runs its part of the steps that a service allows to all, and tells the others that there is more', async () => {
  await rig.take(6);
  const { run, running, letGo } = scans();
  rig.start({ run }, { limit: 10, bound: 4, membership });
  await rig.until(() => hintOthers.mock.calls.length > 0);
  expect(hintOthers).toHaveBeenCalledWith('work');
  expect(running()).toBe(2);
  share = 1;
  rig.runner.wake();
  await rig.until(() => running() === 4);
  letGo();
  await rig.until(() => running() === 2);
  letGo();
});

test('without a part it begins nothing', async () => {
  share = 0;
  await rig.take(2);
  const { run, running, letGo } = scans();
  rig.start({ run }, { bound: 4, membership });
  await rig.until(() => {
    rig.goOn(500);
    return hintOthers.mock.calls.length > 2;
  });
  expect(running()).toBe(0);
  share = 1;
  rig.runner.wake();
  await rig.until(() => running() === 2);
  letGo();
});

test.each([
  ['in a moment where another is answered', true, 1_000],
  ['when the service is back where none is', false, 600_000],
])('what a service that is down here keeps waiting is there again %s', async (_name, others, most) => {
  othersGoOn = () => others;
  await rig.take(1);
  rig.breakers.scanner.failed('scan', { why: 'no answer', operation: null });
  rig.start({ run: () => Promise.reject(new Error('not to be asked')) }, { membership });
  await rig.until(async () => (await rig.scans()).some(({ why }) => why !== null));
  const [waiting] = await rig.scans();
  const waits = (waiting?.dueAt ?? 0) - rig.temporary.clock.now;
  expect(waits).toBeLessThanOrEqual(most);
  expect(waits).toBeGreaterThan(most / 3);
});

test('while there is no room it looks ever more seldom, and hints once a second, however often it is woken', async () => {
  await rig.take(3);
  const { run, letGo } = scans();
  const timers = jest.spyOn(global, 'setTimeout');
  const waits = (): readonly unknown[] => timers.mock.calls.map(([, ms]) => ms);
  try {
    rig.start({ run }, { limit: 1, bound: 2, membership });
    await rig.until(() => waits().includes(320));
    expect(waits()).toEqual(expect.arrayContaining([20, 40, 80, 160, 320]));
    expect(hintOthers).toHaveBeenCalledTimes(1);
    // As others do that have no room either.
    for (let turn = 0; turn < 20; turn += 1) {
      rig.goOn(1);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(hintOthers).toHaveBeenCalledTimes(1);
    rig.goOn(1_000);
    await rig.until(() => hintOthers.mock.calls.length === 2);
  } finally {
    timers.mockRestore();
    letGo();
  }
});

test('a stage of which one lane alone is shut, here and everywhere, rests no longer than for a service that is down', async () => {
  await rig.take(6);
  // Others go on with everything but what is shut at them as well.
  othersGoOn = (why) => !why.startsWith('the scanner has not answered uploads');
  rig.breakers.scanner.failed('upload', { why: '503', operation: 'uploads.chunk' });
  rig.breakers.scanner.answered('system.version');
  // Somebody is trying it already.
  expect(rig.breakers.scanner.admit('upload').admitted).toBe(true);
  rig.start(
    { run: () => Promise.reject(new Error('not to be asked')), laneOf: () => Promise.resolve('upload') },
    { limit: 1, membership },
  );
  const refused = async (): Promise<number> =>
    (await rig.scans()).filter(({ epoch, why }) => epoch > 0 && why !== null).length;
  await rig.until(async () => (await refused()) === 1);
  await rig.until(async () => {
    // In small steps, since the rest counts from the end of the step; and by less than the longer rest.
    if (rig.monotonic() < 1_900) rig.goOn(10);
    return (await refused()) === 2;
  });
});
