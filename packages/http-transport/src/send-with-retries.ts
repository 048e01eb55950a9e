import type { AxiosInstance } from 'axios';
import { askRetry } from './ask-retry';
import type { CallScope } from './call-scope';
import type { Outcome } from './errors/mft-bridge-error';
import { outcomeOf, worseOutcome } from './outcome';
import type { PlannedRequest } from './planned-request';
import type { RetryBudget } from './retry-budget';
import type { TryAnswer } from './one-try';
import { TryFailure } from './try-problem';
import type { TryProblem } from './try-problem';
import type { RetryEvent } from './transport-events';
import type { TransportSettings } from './transport-settings';

/** What is known of a call so far, over all its tries. */
export interface CallProgress {
  attempts: number;
  /** The worst outcome of the tries that have ended; a later refusal does not undo what an earlier try may have done. */
  outcome: Outcome;
}

export interface SendOptions {
  readonly client: AxiosInstance;
  readonly plan: PlannedRequest;
  readonly scope: CallScope;
  readonly budget: RetryBudget;
  readonly settings: TransportSettings;
  readonly progress: CallProgress;
  /** One try: waits for the limiter, authorizes, sends, reads. `config` must be on the TryFailure that it throws. */
  readonly attempt: (config: object) => Promise<TryAnswer>;
  /** Whether the token was renewed after this refusal, so that one replay makes sense. */
  readonly renewed: (problem: TryProblem & { kind: 'status' }) => Promise<boolean>;
  readonly onRetry: (event: Pick<RetryEvent, 'reason' | 'status' | 'afterMs'>) => void;
}

/**
 * Sends until an answer is there or `decideRetry` says no. axios-retry schedules: it catches what a try threw, asks the
 * condition, runs `onRetry` and sends again. Its own conditions and delays are all replaced; the wait is in `onRetry`,
 * because its timer knows no clock of ours. It is given a try that failed, and never sees the first one that did not:
 * to lead each call through axios' core cost a seventh of the CPU of a small one.
 *
 * Rejects with TryFailure, Interrupted, or what the session threw.
 */
export async function sendWithRetries(options: SendOptions): Promise<TryAnswer> {
  const { client, plan, scope, settings, budget, progress } = options;
  let failure: TryFailure | undefined;
  try {
    return await options.attempt({});
  } catch (error) {
    if (!(error instanceof TryFailure)) throw error;
    failure = error;
  }
  const replayable = plan.body?.replayable ?? true;
  let answer: TryAnswer | undefined;
  let waitMs = 0;
  let replayed = false;
  /** axios-retry takes a condition that throws for a "no" and drops what it threw. */
  let thrownBySession: { readonly error: unknown } | undefined;

  const mayRetry = async ({ problem }: TryFailure): Promise<boolean> => {
    progress.outcome = worseOutcome(progress.outcome, outcomeOf(problem));
    if (problem.kind === 'status' && !replayed && replayable && [401, 403].includes(problem.status)) {
      try {
        replayed = await options.renewed(problem);
      } catch (error) {
        thrownBySession = { error };
        return false;
      }
      if (replayed) {
        waitMs = 0;
        options.onRetry({ reason: 'replay', status: problem.status, afterMs: 0 });
        return true;
      }
    }
    const retry = askRetry(problem, {
      plan,
      scope,
      settings,
      budget,
      replayable,
      attempts: progress.attempts,
    });
    if (retry === undefined) return false;
    waitMs = retry.afterMs;
    options.onRetry(retry);
    return true;
  };

  try {
    await client.request({
      // Nothing of the real request is in this configuration; the try has it, and axios-retry needs none of it.
      adapter: async (config) => {
        const first = failure;
        failure = undefined;
        if (first !== undefined) throw new TryFailure(first.problem, config);
        answer = await options.attempt(config);
        return { data: undefined, status: answer.status, statusText: '', headers: {}, config };
      },
      'axios-retry': {
        retries: Infinity,
        shouldResetTimeout: true,
        retryCondition: (error) =>
          (error as unknown) instanceof TryFailure ? mayRetry(error as never) : false,
        retryDelay: () => 0,
        onRetry: async () => {
          if (waitMs > 0) await settings.sleep(waitMs, scope.signal);
        },
      },
    });
  } catch (error) {
    const session = thrownBySession as { readonly error: unknown } | undefined;
    throw session === undefined ? error : session.error;
  }
  // The adapter set it, or the request above had thrown.
  return answer as unknown as TryAnswer;
}
