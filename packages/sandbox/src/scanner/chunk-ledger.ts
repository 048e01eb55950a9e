/** Which parts of a file have arrived and were acknowledged. Positions are bytes, `end` is exclusive. */
export interface ChunkLedger {
  add(start: number, end: number): void;
  /** Forgets every part that touches these bytes: something else was written over them. */
  spoil(start: number, end: number): void;
  /** How many bytes are there without a gap, counted from the first one. */
  contiguous(): number;
}

/**
 * @example
 * const ledger = createChunkLedger();
 * ledger.add(4, 8);
 * ledger.contiguous(); // 0
 * ledger.add(0, 4);
 * ledger.contiguous(); // 8
 */
export function createChunkLedger(): ChunkLedger {
  // Longest part by start: a chunk that is sent again takes its own place.
  const parts = new Map<number, number>();
  return {
    add(start, end) {
      parts.set(start, Math.max(end, parts.get(start) ?? 0));
    },
    spoil(start, end) {
      if (start >= end) return;
      for (const [from, to] of parts) if (from < end && start < to) parts.delete(from);
    },
    contiguous() {
      let reached = 0;
      for (const [start, end] of [...parts].sort(([a], [b]) => a - b)) {
        if (start > reached) break;
        reached = Math.max(reached, end);
      }
      return reached;
    },
  };
}
