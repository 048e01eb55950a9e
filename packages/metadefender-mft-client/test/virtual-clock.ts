export interface VirtualClock {
  readonly now: () => number;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** Lets time pass, from one sleeper to the next, until the work is done. */
  runUntil<T>(work: Promise<T>): Promise<T>;
}

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

/** Time that moves only when everybody sleeps. Many sleepers wake in the order of their times. */
export function virtualClock(start = 0): VirtualClock {
  const sleepers: Sleeper[] = [];
  let now = start;
  return {
    now: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted === true) {
          reject(signal.reason as Error);
          return;
        }
        const sleeper = { at: now + ms, wake: resolve };
        sleepers.push(sleeper);
        signal?.addEventListener('abort', () => {
          sleepers.splice(sleepers.indexOf(sleeper), 1);
          reject(signal.reason as Error);
        });
      }),
    runUntil: async (work) => {
      const over = { yes: false };
      const ended = work.finally(() => (over.yes = true));
      ended.catch(() => undefined);
      for (;;) {
        await new Promise(setImmediate);
        if (over.yes) return ended;
        if (sleepers.length === 0) continue;
        sleepers.sort((one, other) => one.at - other.at);
        const next = sleepers.shift()!;
        now = Math.max(now, next.at);
        next.wake();
      }
    },
  };
}
