import { createRequestLimiter } from './request-limiter';

/** A clock that moves when somebody sleeps. */
function virtual(): { now: () => number; sleep: (ms: number) => Promise<void>; slept: number[] } {
  let at = 0;
  const slept: number[] = [];
  return {
    now: () => at,
    slept,
    sleep: async (ms) => {
      slept.push(ms);
      // Other calls get a turn while this one waits.
      await new Promise((resolve) => setImmediate(resolve));
      at += ms;
    },
  };
}

const none = new AbortController().signal;

describe('request limiter', () => {
  it('lets a burst through at once and then keeps the rate', async () => {
    const clock = virtual();
    const limiter = createRequestLimiter({ perSecond: 5, burst: 3, ...clock });
    await Promise.all(Array.from({ length: 13 }, () => limiter.take(0, none)));
    expect(clock.now()).toBe(2000);
  });

  it('serves higher priorities first, and equal ones in order of arrival', async () => {
    const clock = virtual();
    const limiter = createRequestLimiter({ perSecond: 1, burst: 1, ...clock });
    await limiter.take(0, none);
    const order: string[] = [];
    await Promise.all(
      (
        [
          ['poll', 0],
          ['submit 1', 5],
          ['mark read', 9],
          ['submit 2', 5],
        ] as const
      ).map(async ([name, priority]) => {
        await limiter.take(priority, none);
        order.push(name);
      }),
    );
    expect(order).toEqual(['mark read', 'submit 1', 'submit 2', 'poll']);
  });

  it('frees the place of one that gave up', async () => {
    const clock = virtual();
    const limiter = createRequestLimiter({ perSecond: 1, burst: 1, ...clock });
    await limiter.take(0, none);
    const given = new AbortController();
    const first = limiter.take(9, given.signal);
    const second = limiter.take(0, none);
    given.abort();
    await expect(first).rejects.toThrow('interrupted');
    await second;
    expect(clock.now()).toBe(1000);
  });

  it('keeps another rate as soon as it is set, also for those that wait', async () => {
    let at = 0;
    const sleeps: { ms: number; end: () => void }[] = [];
    const limiter = createRequestLimiter({
      perSecond: 1,
      burst: 1,
      now: () => at,
      sleep: (ms, signal) =>
        new Promise((resolve, reject) => {
          signal.addEventListener('abort', () => reject(new Error('interrupted')));
          sleeps.push({ ms, end: resolve });
        }),
    });
    await limiter.take(0, none);
    const waiting = limiter.take(0, none);
    limiter.setLimit({ perSecond: 0, burst: 0 });
    await new Promise((resolve) => setImmediate(resolve));
    const idle = sleeps.at(-1);
    idle?.end();
    await new Promise((resolve) => setImmediate(resolve));
    expect(sleeps.at(-1)).not.toBe(idle);
    at = 60_000;
    limiter.setLimit({ perSecond: 2, burst: 4 });
    await new Promise((resolve) => setImmediate(resolve));
    // Nothing was saved up while nothing was granted.
    expect(sleeps.at(-1)?.ms).toBe(500);
    at += 500;
    sleeps.at(-1)?.end();
    await waiting;
  });

  it('ends also with a sleep that takes no time on a clock that stands', async () => {
    const limiter = createRequestLimiter({
      perSecond: 1,
      burst: 1,
      now: () => 0,
      sleep: () => Promise.resolve(),
    });
    await Promise.all(Array.from({ length: 5 }, () => limiter.take(0, none)));
  });
});
