import { createHash } from 'node:crypto';
import type { Value } from './source-tables';

/** What a table holds, whatever the order in which its rows are given. */
export interface RowDigest {
  add(row: Readonly<Record<string, Value>>): void;
  readonly rows: number;
  /** Equal for equal rows. */
  readonly sum: string;
}

const modulus = 1n << 256n;

/** The sum of the rows' SHA-256: each row has a key of its own, so that no two cancel each other. */
export function createRowDigest(columns: readonly string[]): RowDigest {
  let rows = 0;
  let sum = 0n;
  return {
    add(row) {
      const text = JSON.stringify(columns.map((column) => row[column] ?? null));
      const hash = createHash('sha256').update(text).digest('hex');
      sum = (sum + BigInt(`0x${hash}`)) % modulus;
      rows += 1;
    },
    get rows() {
      return rows;
    },
    get sum() {
      return sum.toString(16);
    },
  };
}
