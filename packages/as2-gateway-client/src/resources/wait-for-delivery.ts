import { checkOptionNames, isApiError, isConnectionError, isTimeoutError } from '@mft-bridge/http-transport';
import type { CallOptions, OptionNames } from '@mft-bridge/http-transport';
import { z } from 'zod';
import { checkInput } from '../check-input';
import { callOptionNames } from './call-option-names';
import type { Delivery } from './delivery';

/** How long, and how often. */
export interface WaitOptions extends CallOptions {
  /** Milliseconds in all, `Infinity` for no end. Default 600,000. The last look is at their end. */
  readonly timeoutMs?: number | undefined;
  /** Milliseconds until the second look; grows by half each time, up to 30 s. Default 2,000. */
  readonly pollMs?: number | undefined;
}

/** What waiting needs from its surroundings. */
export interface WaitContext {
  readonly look: (options: CallOptions) => Promise<Delivery>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
}

const LONGEST_PAUSE_MS = 30_000;
const optionsSchema = z.object({
  timeoutMs: z.number().nonnegative().or(z.literal(Infinity)),
  pollMs: z.number().positive(),
});

const names: OptionNames<WaitOptions> = { ...callOptionNames, onSent: true, timeoutMs: true, pollMs: true };

/** Looks again and again until the answer is final, or the time is over: then the last answer stands. */
export async function waitForDelivery(
  { look, now, sleep }: WaitContext,
  { timeoutMs = 600_000, pollMs = 2_000, ...options }: WaitOptions = {},
): Promise<Delivery> {
  checkOptionNames('outbox.waitForDelivery', options as WaitOptions, names);
  checkInput('outbox.waitForDelivery', optionsSchema, { timeoutMs, pollMs });
  const deadline = now() + timeoutMs;
  let pause = pollMs;
  let last: Delivery | undefined;
  for (;;) {
    try {
      last = await look(options);
      if (isFinal(last)) return last;
    } catch (error) {
      // An outage shorter than the wait is none of the caller's business.
      if (!isPassing(error) || now() >= deadline) throw error;
    }
    const left = deadline - now();
    if (left <= 0) return last ?? { state: 'unknown', good: false };
    await sleep(Math.min(pause, left), options.signal);
    pause = Math.min(pause * 1.5, LONGEST_PAUSE_MS);
  }
}

// A sent message without a receipt may still get an asynchronous one, and an incomplete one is just that.
function isFinal({ state, disposition }: Delivery): boolean {
  return state === 'failed' || (state === 'sent' && disposition !== undefined);
}

function isPassing(error: unknown): boolean {
  if (isConnectionError(error) || isTimeoutError(error)) return true;
  return isApiError(error) && (error.status >= 500 || error.status === 429 || error.status === 408);
}
