import { createDueQueue } from '../due-queue';

/** Plans when scans run, by the clock alone: who comes when all places are taken waits for the first that gets free. */
export interface ScanSlots {
  /** How many scans run now. */
  running(): number;
  /** How many scans wait for their turn now. */
  waiting(): number;
  /** When a scan that is asked for now begins; epoch ms. It has its place from then on for `scanTimeMs`. */
  plan(scanTimeMs: number, places: number | null): number;
}

/** @example createScanSlots(Date.now).plan(5000, 2); */
export function createScanSlots(now: () => number): ScanSlots {
  /** By their start; each holds its end. */
  const starts = createDueQueue<number>();
  /** Those that run, by their end. */
  const ends = createDueQueue<undefined>();
  /** When each place that is taken, or promised, gets free. */
  const places = createDueQueue<undefined>();

  function pass(): number {
    const time = now();
    for (let next = starts.take(time); next !== undefined; next = starts.take(time))
      ends.add(next.item, undefined);
    for (const queue of [ends, places]) while (queue.take(time) !== undefined);
    return time;
  }

  return {
    running() {
      pass();
      return ends.size;
    },
    waiting() {
      pass();
      return starts.size;
    },
    plan(scanTimeMs, limit) {
      let start = pass();
      // The place that gets free first is taken over; a limit that was lowered leaves several to be waited for.
      while (limit !== null && places.size >= limit) start = places.take(Infinity)?.due ?? start;
      starts.add(start, start + scanTimeMs);
      places.add(start + scanTimeMs, undefined);
      return start;
    },
  };
}
