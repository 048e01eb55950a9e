/** When a breaker opens, and how long a service is left alone then. */
export interface BreakerSettings {
  /** So many failures in a row open it. */
  readonly failures: number;
  /** ms of the first wait; doubles with each trial that fails. */
  readonly firstMs: number;
  readonly maxMs: number;
  /** ms after which another step is let through where a trial has not come to an end: it may be a large file. */
  readonly trialMs: number;
}

/**
 * - `closed`: the service is asked as usual
 * - `open`: it is left alone until `until`
 * - `half-open`: one step is trying; before `until` no other may
 */
export type BreakerState =
  | { readonly name: 'closed'; readonly failures: number; readonly since: number | null }
  | {
      readonly name: 'open' | 'half-open';
      /** Trials that failed since it opened. */
      readonly round: number;
      /** Epoch ms of the first failure. */
      readonly since: number;
      readonly why: string;
      /** On the monotonic clock. */
      readonly until: number;
    };

export interface BreakerFailure {
  readonly why: string;
  /** On the monotonic clock: the wall clock may jump, and a service must not be left alone for hours by that. */
  readonly at: number;
  /** Epoch ms, for people. */
  readonly wallAt: number;
  /** 0 <= x < 1. */
  readonly random: number;
}

export const closedBreaker: BreakerState = { name: 'closed', failures: 0, since: null };

/** Any answer shows that the service is there. Pure. */
export function afterAnswer(state: BreakerState): BreakerState {
  return state.name === 'closed' && state.failures === 0 ? state : closedBreaker;
}

/** A call did not reach the service, or it answered that it is broken. Pure. */
export function afterFailure(
  state: BreakerState,
  { why, at, wallAt, random }: BreakerFailure,
  settings: BreakerSettings,
): BreakerState {
  switch (state.name) {
    case 'closed': {
      const failures = state.failures + 1;
      const since = state.since ?? wallAt;
      if (failures < settings.failures) return { name: 'closed', failures, since };
      return { name: 'open', round: 0, since, why, until: at + waitMs(0, settings, random) };
    }
    case 'half-open': {
      const round = state.round + 1;
      return { ...state, name: 'open', round, why, until: at + waitMs(round, settings, random) };
    }
    // Of a step that ran already when it opened: tells nothing new.
    case 'open':
      return { ...state, why };
  }
}

/** Whether a step may ask the service now; where it is the one to try, the state says so. Pure. */
export function askToTry(
  state: BreakerState,
  at: number,
  settings: BreakerSettings,
): { readonly state: BreakerState; readonly may: boolean } {
  if (state.name === 'closed') return { state, may: true };
  if (at < state.until) return { state, may: false };
  return { state: { ...state, name: 'half-open', until: at + settings.trialMs }, may: true };
}

/** The step that was let through ended, and nothing was learned by it: another one may try at once. Pure. */
export function afterIdleTrial(state: BreakerState, at: number): BreakerState {
  return state.name === 'half-open' ? { ...state, name: 'open', until: at } : state;
}

/** What was in the way of every step is gone: whether this is gone as well is tried at once. Pure. */
export function tryAtOnce(state: BreakerState, at: number): BreakerState {
  return state.name === 'closed' ? state : { ...state, name: 'open', until: at };
}

/** Between half and all of it, so that several bridges do not come back together. */
function waitMs(round: number, { firstMs, maxMs }: BreakerSettings, random: number): number {
  return Math.min(maxMs, firstMs * 2 ** Math.min(round, 30)) * (0.5 + random / 2);
}
