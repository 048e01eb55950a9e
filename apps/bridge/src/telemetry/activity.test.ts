import { createActivity } from './activity';

function making(): { clock: { now: number }; activity: ReturnType<typeof createActivity> } {
  const clock = { now: 100 };
  return { clock, activity: createActivity({ now: () => clock.now }) };
}

test('transfers are seen while they run, with the bytes so far', () => {
  const { activity } = making();
  const one = activity.begin({ stage: 'fetch', gatewayMessageId: '<1>', name: 'a.edi', total: 10 });
  activity.begin({ stage: 'scan', messageId: 'm', gatewayMessageId: '<2>', name: 'b.pdf', total: null });
  one.progress(4);
  const before = activity.snapshot();
  one.progress(9);
  expect(before.transfers).toEqual([
    { stage: 'fetch', gatewayMessageId: '<1>', name: 'a.edi', total: 10, bytes: 4 },
    { stage: 'scan', messageId: 'm', gatewayMessageId: '<2>', name: 'b.pdf', total: null, bytes: 0 },
  ]);
  one.end();
  one.end();
  expect(activity.snapshot().transfers.map(({ name }) => name)).toEqual(['b.pdf']);
});

test('a service counts as down until it answers, keeps its time while nothing changes, and tells what is news', () => {
  const { clock, activity } = making();
  expect(activity.readiness()).toEqual({
    ready: false,
    reasons: ['gateway', 'scanner'].map((part) => ({ part, reason: 'it has not answered since the start' })),
  });
  clock.now = 200;
  expect(activity.serviceUp('gateway')).toBe(true);
  clock.now = 300;
  expect(activity.serviceUp('gateway')).toBe(false);
  expect(activity.serviceDown('scanner', 'connection refused')).toBe(false);
  expect(activity.snapshot().services).toEqual([
    { name: 'gateway', up: true, since: 200 },
    { name: 'scanner', up: false, since: 100, reason: 'connection refused' },
  ]);
  expect(activity.serviceUp('scanner')).toBe(true);
  expect(activity.readiness()).toEqual({ ready: true, reasons: [] });
  expect(activity.serviceDown('scanner', 'timeout')).toBe(true);
  expect(activity.readiness()).toEqual({ ready: false, reasons: [{ part: 'scanner', reason: 'timeout' }] });
});

test('a paused intake and an impaired part are reasons, until they are taken back', () => {
  const { activity } = making();
  activity.serviceUp('gateway');
  activity.serviceUp('scanner');
  expect(activity.pauseIntake('disk full')).toBe(true);
  expect(activity.pauseIntake('disk still full')).toBe(false);
  activity.impair('ledger', 'read-only file system');
  expect(activity.intakePause()).toBe('disk still full');
  expect(activity.snapshot().intake).toEqual({ paused: true, reason: 'disk still full' });
  expect(activity.readiness().reasons).toEqual([
    { part: 'intake', reason: 'disk still full' },
    { part: 'ledger', reason: 'read-only file system' },
  ]);
  expect(activity.resumeIntake()).toBe(true);
  expect(activity.resumeIntake()).toBe(false);
  activity.impair('ledger', null);
  expect(activity.snapshot().intake).toEqual({ paused: false });
  expect(activity.readiness().ready).toBe(true);
});
