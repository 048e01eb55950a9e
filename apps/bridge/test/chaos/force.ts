import type { MakeLedger } from './ledger/chaos-ledger';

/** Something that tries to break a promise, so many times, from one seed. */
export interface Force {
  readonly name: string;
  /** What it does, in a line. */
  readonly what: string;
  /** Rounds of a whole run, and of the short one that the gate makes. */
  readonly full: number;
  readonly short: number;
  run(options: ForceOptions): Promise<ForceReport>;
}

export interface ForceOptions {
  readonly rounds: number;
  readonly seed: number;
  /** Where the bridges of this run keep their ledgers. */
  readonly makeLedger: MakeLedger;
  /** A line for who watches. */
  readonly say: (line: string) => void;
  /** Says violations as soon as they are found, since a long run may be cut off; gives them back. */
  readonly announce: (violations: readonly string[]) => readonly string[];
}

export interface ForceReport {
  /** Rounds that were made. */
  readonly rounds: number;
  /** What was counted, for the table. */
  readonly facts: string;
  /** Each with the number of its round or seed, so that it can be made again; empty where all promises held. */
  readonly violations: readonly string[];
  /** Why it could not be made here. */
  readonly skipped?: string;
}
