/** Numbers that a seed determines: a failing round can be made again by its number. */
export interface Random {
  /** 0 <= x < 1 */
  next(): number;
  /** 0 <= n < below */
  below(below: number): number;
  pick<T>(from: readonly T[]): T;
  /** True so often, of 1. */
  chance(of: number): boolean;
}

/** Mulberry32: small, and good enough to draw schedules. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return {
    next,
    below,
    pick<T>(from: readonly T[]): T {
      const chosen = from[below(from.length)];
      if (chosen === undefined) throw new RangeError('nothing to pick from');
      return chosen;
    },
    chance: (of) => next() < of,
  };
}
