import { isApiError } from '@mft-bridge/http-transport';

/** Hands out turns to send one request each. */
export interface RequestPacer {
  /**
   * Waits for a turn and does the work.
   *
   * @param until epoch milliseconds after which there is no point any more
   * @returns undefined when `until` came first, and nothing was done
   * @throws the signal's reason, or what the work threw
   */
  run<T>(
    work: () => Promise<T>,
    until: number,
    signal?: AbortSignal,
  ): Promise<{ readonly done: T } | undefined>;
}

export interface PacerOptions {
  readonly perSecond: number;
  /** requests under way at a time */
  readonly parallel: number;
  /** epoch milliseconds */
  readonly now: () => number;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
}

/**
 * Turns in the order of asking, never two within `1000 / perSecond` milliseconds. There is no burst: after a pause, such as one of the
 * event loop, turns that were missed are not made up for, so that no second ever sees more requests than the budget. A `Retry-After`
 * stops all turns, since a server that is asked too often means the caller and not one file.
 */
export function createRequestPacer({ perSecond, parallel, now, sleep }: PacerOptions): RequestPacer {
  const spacing = 1000 / perSecond;
  const underWay = new Set<Promise<unknown>>();
  let earliest = -Infinity;
  let line: Promise<unknown> = Promise.resolve();

  const turn = async (until: number, signal: AbortSignal | undefined): Promise<boolean> => {
    for (;;) {
      signal?.throwIfAborted();
      if (now() >= until) return false;
      const wait = earliest - now();
      if (wait > 0) await sleep(Math.min(wait, until - now()), signal);
      else if (underWay.size >= parallel) await Promise.race(underWay);
      else {
        earliest = now() + spacing;
        return true;
      }
    }
  };
  const obey = (error: unknown): void => {
    const ms = isApiError(error) ? error.retryAfterMs : undefined;
    if (ms !== undefined) earliest = Math.max(earliest, now() + ms);
  };

  return {
    run: async (work, until, signal) => {
      const started = line.then(async () => {
        if (!(await turn(until, signal))) return undefined;
        const doing = work();
        const mine: Promise<unknown> = doing.then(() => undefined, obey).then(() => underWay.delete(mine));
        underWay.add(mine);
        // Wrapped, so that the next in line does not wait for it to end.
        return { doing };
      });
      line = started.catch(() => undefined);
      const begun = await started;
      return begun === undefined ? undefined : { done: await begun.doing };
    },
  };
}
