import { brandError } from './error-brand';
import { MftBridgeError } from './mft-bridge-error';
import type { ErrorFacts } from './mft-bridge-error';

/** Which of the three clocks ran out. */
export type ClockName = 'headers' | 'idle' | 'total';

export interface TimeoutErrorFacts extends ErrorFacts {
  readonly clock: ClockName;
  readonly limitMs: number;
  readonly attempts: number;
}

/** One of the three clocks ran out. */
export class TimeoutError extends MftBridgeError {
  readonly clock: ClockName;
  /** What the clock was set to, in milliseconds. */
  readonly limitMs: number;
  readonly attempts: number;

  static {
    brandError(this, 'TimeoutError');
  }

  constructor(facts: TimeoutErrorFacts) {
    super(facts);
    this.clock = facts.clock;
    this.limitMs = facts.limitMs;
    this.attempts = facts.attempts;
  }
}
