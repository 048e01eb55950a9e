import type { CompiledQuery, Kysely } from 'kysely';
import type { Tables } from './tables';

/** One numbered step of the schema. Never changed once released: a later one amends it. */
export interface Migration {
  /** 1, 2, 3, ... without holes. */
  readonly version: number;
  readonly name: string;
  /**
   * The oldest schema whose program may go on using the ledger beside this one: what was added must mean nothing to it, and
   * have a default where it writes rows. Absent where it may not.
   */
  readonly usableFrom?: number;
  /** What to run, in order; all of it and the new version are one transaction. */
  readonly statements: (db: Kysely<Tables>) => readonly CompiledQuery[];
}
