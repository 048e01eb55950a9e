import { Interrupted } from './abortable';

export interface RequestLimiter {
  /** Resolves when one request may be sent; rejects with Interrupted when the signal is aborted. */
  take(priority: number, signal: AbortSignal): Promise<void>;
  /** From now on grants so much; what waits is served by it. 0 a second grants nothing until the next change. */
  setLimit(limit: RequestLimit): void;
  /** Ends its timer. */
  close(): void;
}

/** How many requests may be sent. */
export interface RequestLimit {
  readonly perSecond: number;
  /** Requests that may be sent at once after a pause. */
  readonly burst: number;
}

export interface RequestLimiterOptions extends RequestLimit {
  readonly now: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

interface Waiting {
  readonly priority: number;
  readonly go: () => void;
}

/** How long those sleep who are granted nothing: a change wakes them, and a timer cannot be set to "never". */
const lookAgainMs = 3_600_000;

/**
 * A token bucket whose queue is served by priority, then by arrival. Strict: while higher ones keep coming, lower ones
 * wait, until their own total clock ends them.
 */
export function createRequestLimiter(options: RequestLimiterOptions): RequestLimiter {
  const { now } = options;
  let { perSecond, burst } = options;
  const queue: Waiting[] = [];
  let tokens = burst;
  let countedAt = now();
  let pumping = false;
  let closed = false;
  /** Aborted when what was waited for is not so any more. */
  let changing = new AbortController();

  const countTime = (): void => {
    const at = now();
    if (at > countedAt) tokens = Math.min(burst, tokens + ((at - countedAt) / 1000) * perSecond);
    countedAt = at;
  };

  /** @returns whether the time was waited for, or something has changed meanwhile */
  const waitForToken = async (): Promise<boolean> => {
    const { signal } = changing;
    const ms = perSecond > 0 ? Math.ceil(((1 - tokens) / perSecond) * 1000) : lookAgainMs;
    try {
      await options.sleep(ms, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
    return !signal.aborted && perSecond > 0;
  };

  const pump = async (): Promise<void> => {
    if (pumping) return;
    pumping = true;
    try {
      while (queue.length > 0 && !closed) {
        countTime();
        if (tokens < 1) {
          if (!(await waitForToken())) continue;
          countTime();
          // The time was waited for, whatever the two clocks say about it: no second, rounded wait for a rest of 0.001.
          tokens = Math.max(tokens, 1);
        }
        const next = queue.shift();
        if (next === undefined) return;
        tokens -= 1;
        next.go();
      }
    } finally {
      pumping = false;
    }
  };

  const change = (): void => {
    changing.abort();
    changing = new AbortController();
  };

  return {
    take: (priority, signal) => {
      countTime();
      if (queue.length === 0 && tokens >= 1) {
        tokens -= 1;
        return Promise.resolve();
      }
      return new Promise<void>((resolve, reject) => {
        if (signal.aborted) {
          reject(new Interrupted());
          return;
        }
        const onAbort = (): void => {
          queue.splice(queue.indexOf(waiting), 1);
          reject(new Interrupted());
        };
        const waiting: Waiting = {
          priority,
          go: () => {
            signal.removeEventListener('abort', onAbort);
            resolve();
          },
        };
        const behind = queue.findIndex((other) => other.priority < priority);
        queue.splice(behind === -1 ? queue.length : behind, 0, waiting);
        signal.addEventListener('abort', onAbort, { once: true });
        // Rejects only when it is closed, and then nobody waits any more.
        pump().catch(() => undefined);
      });
    },
    setLimit: (limit) => {
      countTime();
      ({ perSecond, burst } = limit);
      tokens = Math.min(tokens, burst);
      change();
    },
    close: () => {
      closed = true;
      change();
    },
  };
}
