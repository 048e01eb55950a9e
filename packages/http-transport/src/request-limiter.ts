import { Interrupted } from './abortable';

export interface RequestLimiter {
  /** Resolves when one request may be sent; rejects with Interrupted when the signal is aborted. */
  take(priority: number, signal: AbortSignal): Promise<void>;
  /** Ends its timer. */
  close(): void;
}

export interface RequestLimiterOptions {
  readonly perSecond: number;
  readonly burst: number;
  readonly now: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

interface Waiting {
  readonly priority: number;
  readonly go: () => void;
}

/**
 * A token bucket whose queue is served by priority, then by arrival. Strict: while higher ones keep coming, lower ones
 * wait, until their own total clock ends them.
 */
export function createRequestLimiter(options: RequestLimiterOptions): RequestLimiter {
  const { perSecond, burst, now } = options;
  const queue: Waiting[] = [];
  let tokens = burst;
  let countedAt = now();
  let pumping = false;
  const closing = new AbortController();

  const countTime = (): void => {
    const at = now();
    if (at > countedAt) tokens = Math.min(burst, tokens + ((at - countedAt) / 1000) * perSecond);
    countedAt = at;
  };

  const pump = async (): Promise<void> => {
    if (pumping) return;
    pumping = true;
    try {
      while (queue.length > 0) {
        countTime();
        if (tokens < 1) {
          await options.sleep(Math.ceil(((1 - tokens) / perSecond) * 1000), closing.signal);
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
    close: () => closing.abort(),
  };
}
