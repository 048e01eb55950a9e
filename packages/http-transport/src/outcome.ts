import type { Outcome } from './errors/mft-bridge-error';
import type { TryProblem } from './try-problem';

/** What is known of one failed try: a 4xx other than 408 is a refusal, everything else that was sent is in doubt. */
export function outcomeOf(problem: TryProblem): Outcome {
  if (problem.kind === 'status') {
    return problem.status >= 400 && problem.status < 500 && problem.status !== 408 ? 'rejected' : 'unknown';
  }
  if (problem.kind === 'connection' || problem.kind === 'timeout' || problem.kind === 'source') {
    return problem.sent ? 'unknown' : 'not-sent';
  }
  return 'unknown';
}

const order: readonly Outcome[] = ['not-sent', 'rejected', 'unknown'];

/** The one that leaves more in doubt. */
export function worseOutcome(one: Outcome, other: Outcome): Outcome {
  return order.indexOf(one) >= order.indexOf(other) ? one : other;
}
