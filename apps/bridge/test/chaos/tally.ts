/** Counts of what happened, for the table. */
export interface Tally {
  add(what: string, times?: number): void;
  addAll(counts: Readonly<Record<string, number>>): void;
  text(): string;
}

export function createTally(): Tally {
  const counts = new Map<string, number>();
  const add = (what: string, times = 1): void => void counts.set(what, (counts.get(what) ?? 0) + times);
  return {
    add,
    addAll(more) {
      for (const [what, times] of Object.entries(more)) add(what, times);
    },
    text: () => [...counts].map(([what, times]) => `${String(times)} ${what}`).join(', '),
  };
}
