import type { Statement } from './statement';

/** The rows of each of several statements, in their order. */
export type RowsOf<Statements extends readonly Statement[]> = {
  readonly [Index in keyof Statements]: Statements[Index] extends Statement<infer Row>
    ? readonly Row[]
    : never;
};

/** Runs queries. */
export interface ReadSource {
  /**
   * Runs all statements over one snapshot: an aggregate of several tables is never read half before and half
   * after a commit.
   * @throws LedgerUnavailableError
   */
  read<const Statements extends readonly Statement[]>(statements: Statements): Promise<RowsOf<Statements>>;
  close(): Promise<void>;
}
