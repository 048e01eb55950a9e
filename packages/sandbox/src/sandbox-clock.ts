/** A clock that can be moved. */
export interface SandboxClock {
  /** Epoch ms. */
  readonly now: () => number;
  /** Moves it ahead (or back) by so many ms. */
  advance(ms: number): void;
  /** How far it is ahead of what it was made from, in ms. */
  readonly offsetMs: number;
}

/**
 * Made from another clock, it follows that one and can be moved away from it: so one service is made to differ.
 *
 * @example
 * const clock = createSandboxClock();
 * const gateway = await startAs2GatewaySandbox({ clock: clock.now });
 * clock.advance(3_600_000); // tokens are expired now
 */
export function createSandboxClock(base: () => number = Date.now): SandboxClock {
  let offsetMs = 0;
  return {
    now: () => base() + offsetMs,
    advance(ms) {
      if (!Number.isFinite(ms))
        throw new RangeError(`A clock is moved by a number of ms, not ${String(ms)}.`);
      offsetMs += ms;
    },
    get offsetMs() {
      return offsetMs;
    },
  };
}
