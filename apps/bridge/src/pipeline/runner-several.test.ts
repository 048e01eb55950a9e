/** One runner of several: it takes its part of the places, and leaves to others what they can do and it cannot. */
import type { DueWork } from '../ledger/ledger';
import type { Membership } from '../ledger/membership';
import { soleMembership } from '../ledger/membership';
import type { RunnerFixture } from './test/runner-fixture';
import { openRunner } from './test/runner-fixture';

let rig: RunnerFixture;
let share: number;
let othersGoOn: boolean;
const hintOthers = jest.fn();
const membership: Membership = {
  ...soleMembership('b'),
  several: true,
  share: () => share,
  othersGoOn: () => othersGoOn,
  hintOthers,
};

beforeEach(async () => {
  [share, othersGoOn] = [0.5, false];
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
  await rig.until(() => hintOthers.mock.calls.length > 2);
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
  othersGoOn = others;
  await rig.take(1);
  rig.breakers.scanner.failed('scan', { why: 'no answer', operation: null });
  rig.start({ run: () => Promise.reject(new Error('not to be asked')) }, { membership });
  await rig.until(async () => (await rig.scans()).some(({ why }) => why !== null));
  const [waiting] = await rig.scans();
  const waits = (waiting?.dueAt ?? 0) - rig.temporary.clock.now;
  expect(waits).toBeLessThanOrEqual(most);
  expect(waits).toBeGreaterThan(most / 3);
});
