/** A time that several machines agree upon. */
export interface LedgerClock {
  /** Epoch ms. */
  now(): number;
  /** Another clock said `at` (epoch ms) some time between `sent` and `received`, on the monotonic clock. */
  measured(at: number, sent: number, received: number): void;
}

/** Steps back of less stand still instead; what is set back by more is followed, and looked at by whoever keeps times. */
const heldMs = 1_000;

/**
 * The time of the ledger's server, carried on by the monotonic clock of this machine; until it was measured, the time of this
 * machine. Machines whose own clocks differ agree by it on what is due, and until when something may be sent.
 *
 * A measurement is exact to half of its round trip. One that agrees with what is known so far within that changes nothing, so
 * that the time does not shiver with the network.
 *
 * @example
 * const clock = createLedgerClock({ wall: Date.now, monotonic: () => performance.now() });
 */
export function createLedgerClock({
  wall,
  monotonic,
}: {
  /** Epoch ms of this machine. */
  readonly wall: () => number;
  readonly monotonic: () => number;
}): LedgerClock {
  let offset: number | undefined;
  let last = -Infinity;

  return {
    now() {
      if (offset === undefined) return wall();
      const time = Math.round(monotonic() + offset);
      const isHeld = time < last && last - time < heldMs;
      if (!isHeld) last = time;
      return last;
    },
    measured(at, sent, received) {
      const [least, most] = [at - received, at - sent];
      offset = offset === undefined ? (least + most) / 2 : Math.min(Math.max(offset, least), most);
    },
  };
}
