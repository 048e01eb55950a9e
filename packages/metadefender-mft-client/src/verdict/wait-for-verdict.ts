import type { CallOptions } from '@mft-bridge/http-transport';
import {
  AbortedError,
  isAbortedError,
  isApiError,
  isConnectionError,
  isNotFoundError,
  isTimeoutError,
} from '@mft-bridge/http-transport';
import type { FileStatus } from '../schemas/file-status';
import { checkWaitOptions } from './check-wait-options';
import { evaluateVerdict } from './evaluate-verdict';
import type { Verdict } from './verdict';
import type { WaitOptions } from './wait-options';

export interface WaitNeeds {
  /**
   * One look at the file.
   *
   * @param until the deadline in epoch milliseconds
   * @returns undefined when there was no turn to look before it
   */
  readonly look: (fileId: string, options: CallOptions, until: number) => Promise<FileStatus | undefined>;
  /** epoch milliseconds */
  readonly now: () => number;
  /** 0 <= x < 1 */
  readonly random: () => number;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
}

const GROWTH = 1.6;

/**
 * Asks for a file's status until it is decided or time is up.
 *
 * What a look that fails means: nothing. Failures that may pass (no connection, 429, 5xx) are waited out, all others are thrown, and
 * neither becomes a verdict. "Not found" twice in a row is `held` with reason `gone-after-upload`: the server may have deleted the file
 * because it was blocked, or because it expired.
 *
 * @throws what the last look threw, if none ever succeeded before the deadline; AbortedError
 */
export async function waitForVerdict(
  fileId: string,
  options: WaitOptions,
  needs: WaitNeeds,
): Promise<Verdict> {
  const { timeoutMs = 15 * 60_000, minIntervalMs = 1000, maxIntervalMs = 30_000, signal } = options;
  checkWaitOptions(options, 'files.waitForVerdict');
  const deadline = needs.now() + timeoutMs;
  let interval = Math.min(minIntervalMs, maxIntervalMs);
  let missing = 0;
  let last: Verdict | undefined;
  let failure: { readonly error: unknown } | undefined;
  const late = (): Verdict => {
    if (last === undefined && failure !== undefined) throw failure.error;
    return pastDeadline(last ?? unseen(fileId), timeoutMs);
  };
  for (;;) {
    let askedToWaitMs = 0;
    try {
      const status = await needs.look(fileId, { signal, ...withinMs(deadline - needs.now()) }, deadline);
      if (status === undefined) return late();
      missing = 0;
      last = evaluateVerdict(status, options.expected);
      options.onVerdict?.(last);
      if (last.status !== 'pending') return last;
    } catch (error) {
      if (signal?.aborted === true) throw isAbortedError(error) ? error : waitAborted();
      if (isAbortedError(error)) throw error;
      if (isGone(error)) missing += 1;
      else if (!mayPass(error)) throw error;
      if (missing === 2) return gone(fileId, options);
      askedToWaitMs = (isApiError(error) ? error.retryAfterMs : undefined) ?? 0;
      failure = { error };
    }
    // Jitter keeps a hundred files that were uploaded together from being asked for together for ever.
    const waitMs = Math.max(interval * (0.75 + 0.5 * needs.random()), askedToWaitMs);
    const left = deadline - needs.now();
    if (left <= 0) return late();
    await pause(Math.min(waitMs, left), signal, needs.sleep);
    interval = Math.min(interval * GROWTH, maxIntervalMs);
  }
}

/** A look must not outlast the deadline by much; a second is given so that the last one has a chance. */
const withinMs = (left: number) => ({ clocks: { totalMs: Math.max(1000, left) } });

const isGone = (error: unknown): boolean =>
  isNotFoundError(error) || (isApiError(error) && error.code === 'API_FILE_NOT_FOUND');

const mayPass = (error: unknown): boolean =>
  isConnectionError(error) ||
  isTimeoutError(error) ||
  (isApiError(error) && (error.status >= 500 || error.status === 429 || error.status === 408));

function gone(fileId: string, { onVerdict }: WaitOptions): Verdict {
  const verdict: Verdict = {
    status: 'held',
    sanitized: false,
    fileId,
    reasons: [
      {
        code: 'gone-after-upload',
        text: 'The scanner no longer knows the file: it was deleted, expired, or was blocked and then deleted.',
      },
    ],
  };
  onVerdict?.(verdict);
  return verdict;
}

const unseen = (fileId: string): Verdict => ({ status: 'pending', sanitized: false, fileId, reasons: [] });

const pastDeadline = (verdict: Verdict, timeoutMs: number): Verdict => ({
  ...verdict,
  reasons: [
    ...verdict.reasons,
    { code: 'deadline-passed', text: `Not decided within ${String(timeoutMs)} ms.` },
  ],
});

async function pause(ms: number, signal: AbortSignal | undefined, sleep: WaitNeeds['sleep']): Promise<void> {
  try {
    await sleep(ms, signal);
  } catch (error) {
    throw signal?.aborted === true ? waitAborted() : error;
  }
}

const waitAborted = (): AbortedError =>
  new AbortedError({
    message: 'The wait for a verdict was aborted.',
    operation: 'files.waitForVerdict',
    outcome: 'not-sent',
    hint: 'The upload itself is untouched: wait again with the same file id.',
    attempts: 0,
  });
