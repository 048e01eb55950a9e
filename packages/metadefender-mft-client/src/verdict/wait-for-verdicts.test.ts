import { ConnectionError, ForbiddenError, NotFoundError, RateLimitedError } from '@mft-bridge/http-transport';
import fc from 'fast-check';
import { sample2021 } from '../../test/status-samples';
import { virtualClock } from '../../test/virtual-clock';
import { fileStatus } from '../schemas/file-status';
import type { WaitManyOptions } from './wait-for-verdicts';
import { waitForVerdicts } from './wait-for-verdicts';

const facts = { operation: 'files.status', message: 'no', attempts: 1 };
const http = { ...facts, method: 'GET' as const, path: '/file/status/{fileId}', headers: {} };
const forbidden = new ForbiddenError({ ...http, status: 403, outcome: 'rejected' });
const notFound = new NotFoundError({ ...http, status: 404, outcome: 'rejected' });
const cut = new ConnectionError({ ...facts, host: 'h', outcome: 'unknown' });
const busy = new RateLimitedError({ ...http, status: 429, outcome: 'rejected', retryAfterMs: 30_000 });
const state = (fileId: string, availability_state: string, size = 3) =>
  fileStatus.parse({ ...sample2021(), file_id: fileId, size, availability_state });

type Answer = (fileId: string, look: number, at: number) => ReturnType<typeof state> | Error;

async function waitFor(
  files: Parameters<typeof waitForVerdicts>[0],
  answer: Answer,
  options: WaitManyOptions & { readonly latencyMs?: number } = {},
) {
  const { latencyMs = 20, ...wait } = options;
  const clock = virtualClock();
  const starts: { fileId: string; at: number }[] = [];
  const tries: (number | undefined)[] = [];
  let alive = 0;
  let most = 0;
  const result = await clock.runUntil(
    waitForVerdicts(files, wait, {
      now: clock.now,
      sleep: clock.sleep,
      random: () => 0.5,
      status: async (fileId, call) => {
        starts.push({ fileId, at: clock.now() });
        tries.push(call.maxAttempts);
        most = Math.max(most, (alive += 1));
        await clock.sleep(latencyMs);
        alive -= 1;
        const answered = answer(fileId, starts.filter((one) => one.fileId === fileId).length, clock.now());
        if (answered instanceof Error) throw answered;
        return answered;
      },
    }),
  );
  return { ...result, starts, tries, most: () => most, now: clock.now };
}

const ids = (count: number) => Array.from({ length: count }, (_, index) => `file${String(index)}`);
/** The most starts within any second. */
const busiest = (starts: readonly { at: number }[]) =>
  Math.max(...starts.map(({ at }) => starts.filter((one) => one.at >= at && one.at < at + 1000).length));

test('500 files are decided, and no second sees more requests than the budget', async () => {
  const { verdicts, failed, starts, tries } = await waitFor(
    ids(500),
    (fileId, look) => state(fileId, look < 3 ? 'BeingProcessed' : 'Available'),
    { perSecond: 20 },
  );
  expect(verdicts.size).toBe(500);
  expect(failed.size).toBe(0);
  expect([...verdicts.values()].every(({ status }) => status === 'cleared')).toBe(true);
  expect(starts).toHaveLength(1500);
  expect(busiest(starts)).toBeLessThanOrEqual(20);
  expect(new Set(tries)).toEqual(new Set([1]));
});

test('turns are evenly spaced, whatever the budget and the number of files', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 25 }),
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 0, max: 400 }),
      fc.integer({ min: 1, max: 5 }),
      async (count, perSecond, latencyMs, parallel) => {
        const { starts, verdicts, most } = await waitFor(
          ids(count),
          (fileId, look) => state(fileId, look < 3 ? 'QueuedForProcessing' : 'Available'),
          { perSecond, latencyMs, parallel },
        );
        expect(verdicts.size).toBe(count);
        expect(most()).toBeLessThanOrEqual(parallel);
        starts.slice(1).forEach(({ at }, index) => {
          expect(at - starts[index]!.at).toBeGreaterThanOrEqual(1000 / perSecond - 1e-6);
        });
      },
    ),
    { numRuns: 30 },
  );
});

test('files take turns: none is looked at again before all were looked at once', async () => {
  const { starts } = await waitFor(
    ids(50),
    (fileId, look) => state(fileId, look < 2 ? 'BeingProcessed' : 'Available'),
    { perSecond: 5 },
  );
  expect(starts.slice(0, 50).map(({ fileId }) => fileId)).toEqual(ids(50));
});

test('one file that fails throws none of the others away', async () => {
  const { verdicts, failed } = await waitFor(['good', 'bad', 'gone'], (fileId) => {
    if (fileId === 'bad') return forbidden;
    return fileId === 'gone' ? notFound : state(fileId, 'Available');
  });
  expect(verdicts.get('good')?.status).toBe('cleared');
  expect(verdicts.get('gone')).toMatchObject({ status: 'held', reasons: [{ code: 'gone-after-upload' }] });
  expect([...failed]).toEqual([['bad', forbidden]]);
});

test('what is expected of a file is compared, and an id given twice counts once', async () => {
  const { verdicts, starts } = await waitFor(['a', { fileId: 'b', expected: { size: 4 } }, 'a'], (fileId) =>
    state(fileId, 'Available', 3),
  );
  expect(verdicts.get('a')?.status).toBe('cleared');
  expect(verdicts.get('b')).toMatchObject({ status: 'held', reasons: [{ code: 'size-differs' }] });
  expect(starts).toHaveLength(2);
});

test('a server that asks for a pause gets one from all files', async () => {
  let asked = false;
  const { starts, verdicts } = await waitFor(ids(20), (fileId) => {
    if (asked) return state(fileId, 'Available');
    asked = true;
    return busy;
  });
  expect(verdicts.size).toBe(20);
  expect(starts.filter(({ at }) => at > 20 && at < 30_000)).toHaveLength(0);
});

test('when time is up each file has an answer: pending, and it says why', async () => {
  const { verdicts, failed, now } = await waitFor(ids(50), (fileId) => state(fileId, 'BeingProcessed'), {
    perSecond: 1,
    timeoutMs: 20_000,
  });
  expect(verdicts.size + failed.size).toBe(50);
  expect([...verdicts.values()].every(({ status }) => status === 'pending')).toBe(true);
  expect(verdicts.get('file49')?.reasons.map(({ code }) => code)).toEqual(['deadline-passed']);
  expect(now()).toBeLessThan(21_000);
});

test('a connection that never comes is a failure of each file, not a verdict', async () => {
  const { verdicts, failed } = await waitFor(['a', 'b'], () => cut, { timeoutMs: 10_000 });
  expect(verdicts.size).toBe(0);
  expect([...failed.values()]).toEqual([cut, cut]);
});

test('an abort ends the wait for all', async () => {
  const stop = new AbortController();
  const waiting = waitFor(ids(10), (fileId) => state(fileId, 'BeingProcessed'), {
    signal: stop.signal,
    onVerdict: () => stop.abort(),
  });
  await expect(waiting).rejects.toMatchObject({ name: 'AbortedError' });
});

test('nothing to wait for is no error, an impossible budget is', async () => {
  expect((await waitFor([], () => cut)).verdicts.size).toBe(0);
  await expect(waitFor(['a'], () => cut, { perSecond: 0 })).rejects.toThrow('perSecond');
});
