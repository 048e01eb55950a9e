import type { ServiceName } from '../telemetry/activity';
import type { BreakerSettings, BreakerState } from './breaker-state';
import type { Circuits } from './circuits';
import {
  afterAnswerElsewhere,
  afterAnswerOf,
  afterFailureOf,
  afterNothing,
  afterStep,
  askFor,
  noCircuits,
  stateOf,
  withoutLapsed,
} from './circuits';
import type { Lane } from './lane';
import { laneWords } from './lane';

/** Three steps in a row, each of which has tried several times by itself. */
const defaults: BreakerSettings = { failures: 3, firstMs: 1_000, maxMs: 60_000, trialMs: 60_000 };

/** One reason for which work waits: that the service does not answer at all, or that it fails at one thing. */
export interface Outage {
  /** What the reason begins with, now and at every other time: by it the work is found that waits for it. */
  readonly prefix: string;
  readonly isOpen: boolean;
  /** It is open, and somebody may try it again now. */
  readonly wantsTrial: boolean;
}

/** Keeps a service that is down, or that fails at one thing, from being hammered with it. */
export interface Breaker {
  /** Whether a step of this lane may ask the service now. Where it is down, one at a time may try once its wait is over. */
  admit(lane: Lane): { readonly admitted: true } | { readonly admitted: false; readonly why: string };
  /** The service answered a call of this operation, whatever it said but that it is broken. */
  answered(operation: string): void;
  /** Another host answered a call of this operation for it, such as that of a pre-signed address. */
  answeredElsewhere(operation: string): void;
  /** A step of this lane ended with a call that did not reach it, or to which it said that it is broken. */
  failed(lane: Lane, failure: { readonly why: string; readonly operation: string | null }): void;
  /** A step of this lane ended well. */
  ended(lane: Lane): void;
  /** A step of this lane ended by something that is not the service's, or did not come to ask it. */
  showedNothing(lane: Lane): void;
  /** Why it, or with a lane why that is left alone; null while it is asked. */
  outage(lane?: Lane): string | null;
  /** That of the service itself, and those of the lanes that ever had one; who asks makes what is too old lapse. */
  outages(): readonly Outage[];
}

export interface BreakerOptions {
  readonly service: ServiceName;
  /** Epoch ms. */
  readonly now: () => number;
  readonly monotonic: () => number;
  readonly random: () => number;
  readonly settings?: Partial<BreakerSettings>;
  /** Told when the whole (`lane` null) or a lane opens (with the reason), and when it closes again (null). */
  readonly onChange?: (lane: Lane | null, outage: string | null) => void;
}

/** What every reason of a breaker begins with. */
export const outagePrefix = (service: ServiceName): string => `the ${service} has not answered `;

/**
 * Makes a breaker that is closed.
 *
 * @example
 * const breaker = createBreaker({ service: 'scanner', now: Date.now, monotonic: () => performance.now(), random: Math.random });
 * const admission = breaker.admit('upload');
 * if (!admission.admitted) return later(admission.why);
 */
export function createBreaker(options: BreakerOptions): Breaker {
  const { service, now, monotonic, random, onChange } = options;
  const settings = { ...defaults, ...options.settings };
  let circuits: Circuits = noCircuits;
  /** Those that were open once: what waited for them is to be found again. */
  const known = new Set<Lane | null>([null]);
  const open = new Set<Lane | null>();

  function become(next: Circuits): void {
    circuits = next;
    const isAway = next.whole.name !== 'closed';
    for (const lane of new Set([null, ...next.lanes.map((one) => one.lane), ...known])) {
      // While it is away as a whole, that it fails at this and that is no news.
      const isOpen = stateOf(next, lane).name !== 'closed' && (lane === null || !isAway);
      if (isOpen === open.has(lane)) continue;
      known.add(lane);
      if (isOpen) open.add(lane);
      else open.delete(lane);
      onChange?.(lane, textOf(lane));
    }
  }

  function lapse(): void {
    const next = withoutLapsed(circuits, monotonic(), settings);
    if (next !== circuits) become(next);
  }

  const prefixOf = (lane: Lane | null): string =>
    `${outagePrefix(service)}${lane === null ? '' : `${laneWords(lane)} `}`;

  function textOf(lane: Lane | null): string | null {
    const state = stateOf(circuits, lane);
    if (state.name === 'closed') return null;
    return `${prefixOf(lane)}since ${new Date(state.since).toISOString()}: ${state.why}`;
  }

  const wantsTrial = (state: BreakerState): boolean => state.name !== 'closed' && monotonic() >= state.until;

  return {
    admit(lane) {
      lapse();
      const answer = askFor(circuits, lane, monotonic(), settings);
      circuits = answer.circuits;
      if (answer.may) return { admitted: true };
      return { admitted: false, why: textOf(answer.refusedBy) ?? textOf(lane) ?? '' };
    },
    answered: (operation) => become(afterAnswerOf(circuits, operation, monotonic())),
    answeredElsewhere: (operation) => become(afterAnswerElsewhere(circuits, operation)),
    failed(lane, { why, operation }) {
      const failure = { why, at: monotonic(), wallAt: now(), random: random() };
      become(afterFailureOf(circuits, { lane, operation, failure }, settings));
    },
    ended: (lane) => become(afterStep(circuits, lane, monotonic())),
    showedNothing: (lane) => become(afterNothing(circuits, lane, monotonic())),
    outage: (lane) => textOf(null) ?? (lane === undefined ? null : textOf(lane)),
    outages() {
      lapse();
      return [...known].map((lane) => {
        const state = stateOf(circuits, lane);
        return { prefix: prefixOf(lane), isOpen: state.name !== 'closed', wantsTrial: wantsTrial(state) };
      });
    },
  };
}
