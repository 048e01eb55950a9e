import type { DueWork } from '../ledger/ledger';
import { createActivity } from '../telemetry/activity';
import { createStepWatch } from './step-watch';

const work = { kind: 'scan', subject: 'a', messageId: 'm' } as DueWork;
const minute = 60_000;
let at: number;
const activity = createActivity({ now: () => 0 });
const watch = createStepWatch({ monotonic: () => at, activity });
beforeEach(() => {
  at = 0;
});

test('a step that neither moves a byte nor ends is told of once, and shown until it ends', () => {
  const end = watch.begin(work);
  at = 19 * minute;
  expect(watch.look()).toEqual([]);
  at = 20 * minute;
  const step = { stage: 'scan', messageId: 'm', subject: 'a', forMs: 20 * minute };
  expect(watch.look()).toEqual([step]);
  expect(activity.snapshot().stalled).toEqual([step]);
  at = 30 * minute;
  expect(watch.look()).toEqual([]);
  expect(activity.snapshot().stalled).toEqual([{ ...step, forMs: 30 * minute }]);
  end();
  watch.look();
  expect(activity.snapshot()).not.toHaveProperty('stalled');
});

test('one that moves bytes takes as long as it takes; where it stops to, it is told of', () => {
  const end = watch.begin(work);
  const transfer = activity.begin({
    stage: 'scan',
    messageId: 'm',
    gatewayMessageId: '<1>',
    name: 'large.bin',
    total: 1_000,
  });
  for (let turn = 1; turn <= 10; turn += 1) {
    at += 19 * minute;
    transfer.progress(turn);
    expect(watch.look()).toEqual([]);
  }
  at += 20 * minute;
  expect(watch.look()).toHaveLength(1);
  transfer.progress(11);
  expect(watch.look()).toEqual([]);
  transfer.end();
  end();
});
