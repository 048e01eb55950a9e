import type { Statement } from './statement';

/** One statement of a closed program. */
export interface ProgramStep<Row = unknown> extends Statement<Row> {
  /** How many rows it must change; any other number rolls the whole program back. */
  readonly expect?: number;
  /** What a wrong number means, for people: the message of the `StaleChangeError`. */
  readonly otherwise?: string;
}

/**
 * A ledger write as data: compiled statements with the row counts that they must have, and no code between
 * them. So it runs in another thread, beside other programs in one commit, or as one transaction of a server,
 * and nothing can wait for a network in the middle of it.
 */
export type Program<Row = unknown> = readonly ProgramStep<Row>[];

/** Runs programs, each atomically. */
export interface ProgramExecutor {
  /**
   * Resolves when the program is durable, with the rows that each statement returned.
   * @throws StaleChangeError where a row count is not the expected one, or a unique key is taken
   * @throws LedgerUnavailableError where nothing could be written
   */
  run<Row>(program: Program<Row>): Promise<readonly (readonly Row[])[]>;
  /** Finishes what was accepted, then refuses everything. */
  close(): Promise<void>;
}
