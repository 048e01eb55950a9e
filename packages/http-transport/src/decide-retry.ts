import type { Safety } from './operation';

/** How one try ended, as far as a retry depends on it. */
export type Happened =
  | { readonly kind: 'status'; readonly status: number; readonly retryAfterMs?: number | undefined }
  /** No answer. `sent: false` only where the connection provably was never there. */
  | { readonly kind: 'connection'; readonly sent: boolean; readonly permanent: boolean }
  | { readonly kind: 'timeout'; readonly clock: 'headers' | 'idle' | 'total'; readonly sent: boolean }
  /** Headers came, the body broke off. */
  | { readonly kind: 'cut' }
  /** The caller gave up, or the source of the body failed: nothing that another try could heal. */
  | { readonly kind: 'own' };

export interface RetryFacts {
  readonly safety: Safety;
  readonly happened: Happened;
  /** Whether the same body can be sent again. */
  readonly replayable: boolean;
  /** Tries made so far, the failed one counted. */
  readonly attempts: number;
  readonly maxAttempts: number;
  /** Whether the transport's retry budget has one in hand. */
  readonly budget: boolean;
  /** What is left on the total clock, in milliseconds; Infinity without one. */
  readonly remainingMs: number;
  readonly baseMs: number;
  readonly capMs: number;
  /** 0 <= x < 1. */
  readonly random: number;
}

export type RetryDecision =
  | { readonly retry: true; readonly afterMs: number }
  | {
      readonly retry: false;
      readonly because:
        'final' | 'unsafe' | 'body' | 'attempts' | 'budget' | 'retry-after-too-long' | 'total-clock';
    };

/** Longest Retry-After that is waited for; above it the caller is told, and decides. */
export const retryAfterCapMs = 60_000;

/** Refused for now, not for good. 501 and 505 are for good. */
function isPassing(status: number): boolean {
  if (status === 408 || status === 425 || status === 429) return true;
  return status >= 500 && status !== 501 && status !== 505;
}

const no = (because: Extract<RetryDecision, { retry: false }>['because']): RetryDecision => ({
  retry: false,
  because,
});

/**
 * Decides every retry of this package; pure. The order of the questions is the order of the reasons given: could
 * another try help at all, may it be sent again, can it be, and only then whether it is worth it.
 *
 * Unsafe operations ask for proof that nothing was sent. A reset is none: measured, axios-retry's default condition
 * sends a POST four times after a reset although the server had read all of it. Neither is a 503, which a proxy may
 * have written after the service had done the work.
 */
export function decideRetry(facts: RetryFacts): RetryDecision {
  const { happened, attempts } = facts;
  if (happened.kind === 'own') return no('final');
  if (happened.kind === 'connection' && happened.permanent) return no('final');
  if (happened.kind === 'status' && !isPassing(happened.status)) return no('final');
  if (happened.kind === 'timeout' && happened.clock === 'total') return no('total-clock');

  const provablyNotSent = (happened.kind === 'connection' || happened.kind === 'timeout') && !happened.sent;
  if (facts.safety === 'unsafe' && !provablyNotSent) return no('unsafe');
  if (!facts.replayable) return no('body');
  if (attempts >= facts.maxAttempts) return no('attempts');

  const asked = happened.kind === 'status' ? happened.retryAfterMs : undefined;
  if (asked !== undefined && asked > retryAfterCapMs) return no('retry-after-too-long');
  if (!facts.budget) return no('budget');

  // Full jitter: callers that failed together must not come back together. The server's own word is a lower bound.
  const bound = Math.min(facts.capMs, facts.baseMs * 2 ** Math.min(attempts - 1, 30));
  const afterMs = Math.round((asked ?? 0) + facts.random * bound);
  if (afterMs >= facts.remainingMs) return no('total-clock');
  return { retry: true, afterMs };
}
