import {
  ConnectionError,
  ForbiddenError,
  NotFoundError,
  ServiceUnavailableError,
} from '@mft-bridge/http-transport';
import fc from 'fast-check';
import { sample2021 } from '../../test/status-samples';
import { fileStatus } from '../schemas/file-status';
import type { Verdict } from './verdict';
import { waitForVerdict } from './wait-for-verdict';
import type { WaitOptions } from './wait-options';

const facts = { operation: 'files.status', message: 'no', attempts: 1 };
const http = { ...facts, method: 'GET' as const, path: '/file/status/{fileId}', headers: {} };
const notFound = new NotFoundError({ ...http, status: 404, outcome: 'rejected' });
const forbidden = new ForbiddenError({ ...http, status: 403, outcome: 'rejected' });
const cut = new ConnectionError({ ...facts, host: 'h', outcome: 'unknown' });
const unavailable = (retryAfterMs?: number) =>
  new ServiceUnavailableError({ ...http, status: 503, outcome: 'unknown', retryAfterMs });
const state = (availability_state: string) => fileStatus.parse({ ...sample2021(), availability_state });
const pending = state('BeingProcessed');

/** A server that answers one after the other, the last one for ever; time moves only by waiting, and 100 ms with each look. */
function wait(answers: readonly unknown[], options: WaitOptions = {}, random = () => 0.5) {
  let now = 0;
  let looks = 0;
  const waits: number[] = [];
  const done = waitForVerdict('a3b1', options, {
    now: () => now,
    random,
    sleep: async (ms, signal) => {
      signal?.throwIfAborted();
      waits.push(ms);
      now += ms;
    },
    look: async () => {
      const answer = answers[Math.min(looks, answers.length - 1)];
      looks += 1;
      now += 100;
      if (answer instanceof Error) throw answer;
      return answer as typeof pending;
    },
  });
  return { done, waits, looks: () => looks, now: () => now };
}

test('looks again with growing pauses up to the longest one', async () => {
  const { done, waits } = wait([...Array.from({ length: 12 }, () => pending), state('Available')]);
  expect((await done).status).toBe('cleared');
  expect(waits.slice(0, 3)).toEqual([1000, 1600, 2560]);
  expect(Math.max(...waits)).toBe(30_000);
});

test.each([
  ['Blocked', 'blocked'],
  ['ProcessingFailed', 'held'],
  ['SomethingNew', 'held'],
])('%s ends the wait', async (name, status) => {
  const { done, looks } = wait([state(name)]);
  expect((await done).status).toBe(status);
  expect(looks()).toBe(1);
});

test('a deadline that passes is no verdict: pending, and it says why', async () => {
  const { done, now } = wait([pending], { timeoutMs: 60_000 });
  expect(await done).toMatchObject({
    status: 'pending',
    reasons: [{ code: 'processing' }, { code: 'deadline-passed' }],
  });
  expect(now()).toBeLessThan(61_000);
});

test('failures that pass are waited out', async () => {
  const { done } = wait([cut, pending, unavailable(), cut, state('Available')]);
  expect((await done).status).toBe('cleared');
});

test('the server may ask for a longer pause', async () => {
  const { done, waits } = wait([unavailable(20_000), state('Available')]);
  await done;
  expect(waits).toEqual([20_000]);
});

test('failures that never pass are thrown at the deadline, and are no verdict', async () => {
  await expect(wait([cut], { timeoutMs: 10_000 }).done).rejects.toBe(cut);
});

test('what a pending file is known by survives failures until the deadline', async () => {
  expect((await wait([pending, cut], { timeoutMs: 10_000 }).done).status).toBe('pending');
});

test('a refusal is thrown at once', async () => {
  const { done, looks } = wait([forbidden]);
  await expect(done).rejects.toBe(forbidden);
  expect(looks()).toBe(1);
});

test('gone twice is held and says so; gone once may be a file that is not visible yet', async () => {
  expect(await wait([pending, notFound]).done).toMatchObject({
    status: 'held',
    reasons: [{ code: 'gone-after-upload' }],
  });
  expect((await wait([notFound, state('Available')]).done).status).toBe('cleared');
  expect((await wait([notFound, pending, notFound, state('Available')]).done).status).toBe('cleared');
});

test('every verdict is told, also the last one', async () => {
  const seen: Verdict['status'][] = [];
  await wait([pending, state('Available')], { onVerdict: ({ status }) => seen.push(status) }).done;
  expect(seen).toEqual(['pending', 'cleared']);
});

test('an abort ends the wait with an AbortedError', async () => {
  const stop = new AbortController();
  const { done } = wait([pending], { signal: stop.signal, onVerdict: () => stop.abort() });
  await expect(done).rejects.toMatchObject({ name: 'AbortedError' });
});

test('whatever the intervals, the answers and the chance, pauses grow within their bounds and the deadline holds', async () => {
  const answers = fc.array(fc.constantFrom(pending, cut, unavailable(), unavailable(3000)), {
    minLength: 1,
    maxLength: 30,
  });
  await fc.assert(
    fc.asyncProperty(
      answers,
      fc.integer({ min: 1, max: 5000 }),
      fc.integer({ min: 0, max: 60_000 }),
      fc.integer({ min: 0, max: 200_000 }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      async (given, minIntervalMs, more, timeoutMs, chance) => {
        const maxIntervalMs = minIntervalMs + more;
        const { done, waits, now } = wait(given, { minIntervalMs, maxIntervalMs, timeoutMs }, () => chance);
        await done.catch(() => undefined);
        // One look is under way when time is up, and it takes 100 ms here.
        expect(now()).toBeLessThanOrEqual(timeoutMs + 200);
        let interval = minIntervalMs;
        waits.slice(0, -1).forEach((ms, index) => {
          const asked = given[Math.min(index, given.length - 1)] === pending ? 0 : 3000;
          expect(ms).toBeGreaterThanOrEqual(interval * 0.75 - 1e-6);
          expect(ms).toBeLessThanOrEqual(Math.max(interval * 1.25, asked) + 1e-6);
          interval = Math.min(interval * 1.6, maxIntervalMs);
        });
      },
    ),
  );
});
