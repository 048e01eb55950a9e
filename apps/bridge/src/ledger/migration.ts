import type { CompiledQuery, Kysely } from 'kysely';
import type { Tables } from './tables';

/** One numbered step of the schema. Never changed once released: a later one amends it. */
export interface Migration {
  /** 1, 2, 3, ... without holes. */
  readonly version: number;
  readonly name: string;
  /** What to run, in order; all of it and the new version are one transaction. */
  readonly statements: (db: Kysely<Tables>) => readonly CompiledQuery[];
}
