import type { BreakerFailure, BreakerSettings, BreakerState } from './breaker-state';
import {
  afterAnswer,
  afterFailure,
  afterIdleTrial,
  askToTry,
  closedBreaker,
  tryAtOnce,
} from './breaker-state';
import type { Lane } from './lane';

/** The failures of one lane at one operation. */
interface LaneCircuit {
  readonly lane: Lane;
  readonly operation: string;
  readonly state: BreakerState;
  /** It was answered since the last failure. */
  readonly isAnswered: boolean;
  /** Trials since the last failure of the operation that ended well and did not come to ask it. */
  readonly idleTrials: number;
  /** When it last failed or was last tried, on the monotonic clock. */
  readonly lastTriedAt: number;
}

/** So many steps of the lane that ended well without the operation: it is asked too rarely for an answer to be waited for. */
const idleTrialsToLapse = 3;
/** So many of the longest waits without a failure and without a trial: what the circuit knows is too old. */
const longestWaitsToLapse = 5;

/**
 * What is known about a service: how it stands with all of it, and with each lane at each operation that failed there. Any
 * answer shows that the service is there, and only an answer to the very operation that failed shows that it does *that*
 * again: one that answers questions for its version all day long may refuse every upload. A circuit whose operation nobody
 * asks any more lapses: else its lane would be throttled, and the bridge not ready, until the next restart.
 */
export interface Circuits {
  readonly whole: BreakerState;
  /** Only those that are not closed without a failure. */
  readonly lanes: readonly LaneCircuit[];
}

export const noCircuits: Circuits = { whole: closedBreaker, lanes: [] };

/** How the service (null), or one lane of it, stands. Of several operations, the one that opened first. Pure. */
export function stateOf({ whole, lanes }: Circuits, lane: Lane | null): BreakerState {
  if (lane === null) return whole;
  const own = lanes.filter((one) => one.lane === lane).map(({ state }) => state);
  return own.find(({ name }) => name !== 'closed') ?? closedBreaker;
}

/**
 * A call of `operation` was answered. What waited for that goes on at once, also in the middle of a step that takes an hour;
 * failures that were only counted are forgiven when a step has ended well, since the next piece of a file may fail. Pure.
 */
export function afterAnswerOf(circuits: Circuits, operation: string, at: number): Circuits {
  const { whole } = circuits;
  const { lanes } = afterAnswerElsewhere(circuits, operation);
  // It was away as a whole: what it failed at meanwhile says nothing about now.
  const isBack = whole.name !== 'closed';
  return {
    whole: afterAnswer(whole),
    lanes: isBack ? lanes.map((one) => ({ ...one, state: tryAtOnce(one.state, at) })) : lanes,
  };
}

/**
 * A call of `operation` was answered by another host, such as that of a pre-signed address: that is all there is to hear of
 * this operation, and it says nothing about the service as a whole. Pure.
 */
export function afterAnswerElsewhere({ whole, lanes }: Circuits, operation: string): Circuits {
  return {
    whole,
    lanes: lanes.flatMap((one) => {
      if (one.operation !== operation) return [one];
      return one.state.name === 'closed' ? [{ ...one, isAnswered: true }] : [];
    }),
  };
}

/** A step of `lane` ended with a call of `operation` that did not reach the service, or at which it is broken. Pure. */
export function afterFailureOf(
  { whole, lanes }: Circuits,
  step: { readonly lane: Lane; readonly operation: string | null; readonly failure: BreakerFailure },
  settings: BreakerSettings,
): Circuits {
  const { lane, operation, failure } = step;
  const isOwn = (one: LaneCircuit): boolean => one.lane === lane && one.operation === operation;
  const isNew = operation !== null && !lanes.some(isOwn);
  const all = isNew ? [...lanes, newCircuit(lane, operation)] : lanes;
  return {
    whole: afterFailure(whole, failure, settings),
    lanes: all.map((one) => {
      // A trial that failed on its way to what it was to try has failed as well.
      const wasTrial = one.lane === lane && one.state.name === 'half-open';
      if (!isOwn(one) && !wasTrial) return one;
      const state = afterFailure(one.state, failure, settings);
      const idleTrials = isOwn(one) ? 0 : one.idleTrials;
      return { ...one, isAnswered: false, idleTrials, lastTriedAt: failure.at, state };
    }),
  };
}

/**
 * A step of `lane` ended well: where it was a trial, it tried something else. After some of
 * these the circuit lapses. Pure.
 */
export function afterStep({ whole, lanes }: Circuits, lane: Lane, at: number): Circuits {
  return {
    whole: afterIdleTrial(whole, at),
    lanes: lanes.flatMap((one) => {
      if (one.lane !== lane) return [one];
      if (one.state.name === 'closed') return one.isAnswered ? [] : [one];
      const idleTrials = one.state.name === 'half-open' ? one.idleTrials + 1 : one.idleTrials;
      return idleTrials < idleTrialsToLapse
        ? [{ ...one, idleTrials, state: afterIdleTrial(one.state, at) }]
        : [];
    }),
  };
}

/**
 * A step of `lane` ended, and showed nothing: it failed by something that is not the service's, or did not come to ask it.
 * Where it was a trial, another one may try at once; it counts for nothing else. Pure.
 */
export function afterNothing({ whole, lanes }: Circuits, lane: Lane, at: number): Circuits {
  return {
    whole: afterIdleTrial(whole, at),
    lanes: lanes.map((one) => (one.lane === lane ? { ...one, state: afterIdleTrial(one.state, at) } : one)),
  };
}

/** Without the circuits that nobody has tried, nor failed at, for so long that they say nothing about now. Pure. */
export function withoutLapsed(circuits: Circuits, at: number, { maxMs }: BreakerSettings): Circuits {
  const lanes = circuits.lanes.filter(
    ({ state, lastTriedAt }) =>
      state.name === 'closed' || at < state.until || at < lastTriedAt + longestWaitsToLapse * maxMs,
  );
  return lanes.length === circuits.lanes.length ? circuits : { ...circuits, lanes };
}

/** Whether a step of `lane` may ask the service now; where it is the one to try, the circuits say so. Pure. */
export function askFor(
  circuits: Circuits,
  lane: Lane,
  at: number,
  settings: BreakerSettings,
): { readonly circuits: Circuits; readonly may: boolean; readonly refusedBy: Lane | null } {
  const whole = askToTry(circuits.whole, at, settings);
  if (!whole.may) return { circuits, may: false, refusedBy: null };
  const asked = circuits.lanes.map((one) =>
    one.lane === lane ? { one, ...askToTry(one.state, at, settings) } : { one, state: one.state, may: true },
  );
  // Nobody is noted as the one who tries, who then may not.
  if (!asked.every(({ may }) => may)) return { circuits, may: false, refusedBy: lane };
  const lanes = asked.map(({ one, state }) => {
    const isTrial = one.lane === lane && state.name !== 'closed';
    return { ...one, state, ...(isTrial ? { lastTriedAt: at } : {}) };
  });
  return { circuits: { whole: whole.state, lanes }, may: true, refusedBy: null };
}

function newCircuit(lane: Lane, operation: string): LaneCircuit {
  return { lane, operation, state: closedBreaker, isAnswered: false, idleTrials: 0, lastTriedAt: -Infinity };
}
