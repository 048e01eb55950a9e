import { buildBridge } from '../rig/build-bridge';
import type { ForceOptions, ForceReport } from './force';
import type { MakeLedger } from './ledger/chaos-ledger';
import type { Tally } from './tally';
import { createTally } from './tally';

/** Rounds that share one ledger, from `first` until before `last`, of a bridge that was built for all. */
export interface Batch {
  readonly script: string;
  readonly first: number;
  readonly last: number;
  /** The force's own; what a batch draws starts from `seed + first` or, round by round, from `seed + round`. */
  readonly seed: number;
  readonly makeLedger: MakeLedger;
  readonly tally: Tally;
}

export interface BatchRun {
  readonly of: number;
  /** What a round is, in the lines for who watches. */
  readonly noun: string;
  readonly run: (batch: Batch) => Promise<readonly string[]>;
}

/** Makes a force's rounds, so many with one ledger: it grows, and what an early harm broke has time to show. */
export async function inBatches(
  { rounds, seed, makeLedger, say, announce }: ForceOptions,
  { of, noun, run }: BatchRun,
): Promise<ForceReport> {
  const { script, remove } = await buildBridge();
  const violations: string[] = [];
  const tally = createTally();
  try {
    for (let first = 0; first < rounds; first += of) {
      const last = Math.min(first + of, rounds);
      violations.push(...announce(await run({ script, first, last, seed, makeLedger, tally })));
      say(`${String(last)} ${noun}, ${String(violations.length)} violations`);
    }
  } finally {
    await remove();
  }
  return { rounds, facts: tally.text(), violations };
}

/** Violations of a whole batch, with what makes them again. */
export const ofBatch =
  (noun: string, { first, last, seed }: Pick<Batch, 'first' | 'last' | 'seed'>) =>
  (violation: string): string =>
    `${noun} ${String(first)} to ${String(last - 1)} (seed ${String(seed)}): ${violation}`;
