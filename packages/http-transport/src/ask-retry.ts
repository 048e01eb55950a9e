import type { CallScope } from './call-scope';
import { connectionAdvice } from './connection-advice';
import { decideRetry } from './decide-retry';
import type { Happened } from './decide-retry';
import type { PlannedRequest } from './planned-request';
import { parseRetryAfter } from './retry-after';
import type { RetryBudget } from './retry-budget';
import type { RetryEvent } from './transport-events';
import type { TransportSettings } from './transport-settings';
import type { TryProblem } from './try-problem';

function happenedIn(problem: TryProblem, now: number): Happened {
  switch (problem.kind) {
    case 'status':
      return {
        kind: 'status',
        status: problem.status,
        retryAfterMs: parseRetryAfter(problem.headers['retry-after'], now),
      };
    case 'connection':
      return {
        kind: 'connection',
        sent: problem.sent,
        permanent: connectionAdvice(problem.code, problem.sent).permanent,
      };
    case 'timeout':
      return { kind: 'timeout', clock: problem.clock, sent: problem.sent };
    case 'cut':
      return { kind: 'cut' };
    case 'source':
    case 'unreadable':
      return { kind: 'own' };
  }
}

export interface RetryQuestion {
  readonly plan: PlannedRequest;
  readonly scope: CallScope;
  readonly settings: TransportSettings;
  readonly budget: RetryBudget;
  /** Whether the same body can be sent again. */
  readonly replayable: boolean;
  readonly attempts: number;
}

/** Puts one failure before `decideRetry`. A yes is paid for from the budget; undefined is a no. */
export function askRetry(
  problem: TryProblem,
  { plan, scope, settings, budget, replayable, attempts }: RetryQuestion,
): Pick<RetryEvent, 'reason' | 'status' | 'afterMs'> | undefined {
  const happened = happenedIn(problem, settings.now());
  const decision = decideRetry({
    safety: plan.safety,
    happened,
    replayable,
    attempts,
    maxAttempts: plan.maxAttempts,
    budget: budget.has(),
    remainingMs: scope.remainingMs(),
    baseMs: settings.retry.baseMs,
    capMs: settings.retry.capMs,
    random: settings.random(),
  });
  if (!decision.retry || happened.kind === 'own') return undefined;
  budget.spend();
  const status = problem.kind === 'status' ? { status: problem.status } : {};
  return { reason: happened.kind, ...status, afterMs: decision.afterMs };
}
