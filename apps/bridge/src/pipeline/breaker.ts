import type { ServiceName } from '../telemetry/activity';
import type { BreakerSettings, BreakerState } from './breaker-state';
import { afterAnswer, afterFailure, askToTry, closedBreaker } from './breaker-state';

/** Three steps in a row, each of which has tried several times by itself. */
const defaults: BreakerSettings = { failures: 3, firstMs: 1_000, maxMs: 60_000, trialMs: 60_000 };

/** Keeps a service that is down from being hammered. */
export interface Breaker {
  /** Whether the service may be asked now. Where it is down, one at a time may try once its wait is over. */
  admit(): { readonly admitted: true } | { readonly admitted: false; readonly why: string };
  /** The service answered, whatever it said but that it is broken. */
  answered(): void;
  /** It was not reached, or it said that it is broken. */
  failed(why: string): void;
  /** Why it is left alone; null while it is asked. */
  outage(): string | null;
  /** Whether it is left alone, and somebody may try it again now. */
  wantsTrial(): boolean;
}

export interface BreakerOptions {
  readonly service: ServiceName;
  /** Epoch ms. */
  readonly now: () => number;
  readonly monotonic: () => number;
  readonly random: () => number;
  readonly settings?: Partial<BreakerSettings>;
  /** Told when it opens (with the reason), and when it closes again (null). */
  readonly onChange?: (outage: string | null) => void;
}

/** What every reason of a breaker begins with: by it the work is found that waits for the service. */
export const outagePrefix = (service: ServiceName): string => `the ${service} has not answered since `;

/**
 * Makes a breaker that is closed.
 *
 * @example
 * const breaker = createBreaker({ service: 'scanner', now: Date.now, monotonic: () => performance.now(), random: Math.random });
 * const admission = breaker.admit();
 * if (!admission.admitted) return later(admission.why);
 */
export function createBreaker(options: BreakerOptions): Breaker {
  const { service, now, monotonic, random, onChange } = options;
  const settings = { ...defaults, ...options.settings };
  let state: BreakerState = closedBreaker;

  function become(next: BreakerState): void {
    const changed = (state.name === 'closed') !== (next.name === 'closed');
    state = next;
    if (changed) onChange?.(outage());
  }

  function outage(): string | null {
    if (state.name === 'closed') return null;
    return `${outagePrefix(service)}${new Date(state.since).toISOString()}: ${state.why}`;
  }

  return {
    admit() {
      const answer = askToTry(state, monotonic(), settings);
      state = answer.state;
      return answer.may ? { admitted: true } : { admitted: false, why: outage() ?? '' };
    },
    answered: () => become(afterAnswer(state)),
    failed: (why) =>
      become(afterFailure(state, { why, at: monotonic(), wallAt: now(), random: random() }, settings)),
    outage,
    wantsTrial: () => state.name !== 'closed' && monotonic() >= state.until,
  };
}
