import { setTimeout as sleepFor } from 'node:timers/promises';
import { CustodyUnavailableError } from '../custody';
import type { BucketFailure } from './bucket-failure';
import { describeBucketFailure, readBucketFailure } from './bucket-failure';

/** Tries of one request, and the waits between them: together a few seconds, since the stages above wait longer. */
const mostTries = 6;
const firstWaitMs = 200;
const longestWaitMs = 5_000;
/** A store that wants a longer rest than this is waited for by the stages above. */
const longestRestMs = 30_000;

export interface RetryTools {
  readonly random: () => number;
  readonly sleep: (ms: number, signal: AbortSignal | undefined) => Promise<void>;
}

/** The clock and the dice of a running bridge. */
export const realRetryTools: RetryTools = {
  random: Math.random,
  sleep: (ms, signal) => sleepFor(ms, undefined, signal === undefined ? {} : { signal }),
};

/** How long to wait after so many failures; null where it is time to give up. Pure. */
export function waitAfter(failure: BucketFailure, failures: number, random: number): number | null {
  if (failure.kind !== 'passing' || failures >= mostTries) return null;
  const full = Math.min(longestWaitMs, firstWaitMs * 2 ** (failures - 1));
  const rest = failure.retryAfterMs ?? 0;
  return rest > longestRestMs ? null : Math.max(rest, full * random);
}

/** The same request again until it is answered in a way that does not pass. Every request of ours may be repeated. */
export async function askBucket<Answer>(
  what: string,
  request: () => Promise<Answer>,
  { random, sleep, signal }: RetryTools & { readonly signal: AbortSignal | undefined },
): Promise<Answer> {
  for (let failures = 1; ; failures += 1) {
    try {
      signal?.throwIfAborted();
      return await request();
    } catch (error) {
      // The abort is its caller's, and no word of the store's.
      signal?.throwIfAborted();
      const failure = readBucketFailure(error);
      if (failure.kind === 'missing' || failure.kind === 'exists') throw new BucketAnswer(failure);
      const wait = waitAfter(failure, failures, random());
      if (wait === null) throw new CustodyUnavailableError(describeBucketFailure(failure, what));
      await sleep(wait, signal);
    }
  }
}

/** The store said that something is there, or is not: an answer, which the caller expects. */
export class BucketAnswer extends Error {
  override readonly name = 'BucketAnswer';
  readonly failure: BucketFailure;

  constructor(failure: BucketFailure) {
    super(`the store answered ${failure.code}`);
    this.failure = failure;
  }
}

/** The answer of a request, or undefined where the store answered so. */
export function unless<Answer>(
  kind: BucketFailure['kind'],
  asking: Promise<Answer>,
): Promise<Answer | undefined> {
  return asking.catch((error: unknown) => {
    if (error instanceof BucketAnswer && error.failure.kind === kind) return undefined;
    throw error;
  });
}
