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
