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
  let scans: { start: number; end: number }[] = [];
  return {
    running: () => scans.filter(({ start, end }) => start <= now() && now() < end).length,
    waiting: () => scans.filter(({ start }) => start > now()).length,
    plan(scanTimeMs, places) {
      const time = now();
      scans = scans.filter(({ end }) => end > time);
      const ends = scans.map(({ end }) => end).sort((a, b) => a - b);
      const start = places === null || ends.length < places ? time : (ends[ends.length - places] ?? time);
      scans.push({ start, end: start + scanTimeMs });
      return start;
    },
  };
}
