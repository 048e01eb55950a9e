import { createHash } from 'node:crypto';
import type { DataTypeNode } from 'kysely';
import {
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  sql,
} from 'kysely';
import pg from 'pg';
import type { FreeRows } from '../claim-statements';
import type { Tables } from '../tables';

/*
 * All that PostgreSQL needs otherwise than SQLite. The queries, the programs and the migrations are the same.
 */

class LedgerCompiler extends PostgresQueryCompiler {
  /** Text is compared by its bytes, as SQLite does it: the order of a language would page and take turns otherwise. */
  protected override visitDataType(node: DataTypeNode): void {
    super.visitDataType(node);
    if (node.dataType === 'text') this.append(' collate "C"');
  }
}

/** A Kysely that builds and compiles for PostgreSQL and runs nothing. */
export function createPostgresCompiler(): Kysely<Tables> {
  return new Kysely<Tables>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (db) => new PostgresIntrospector(db),
      createQueryCompiler: () => new LedgerCompiler(),
    },
  });
}

/**
 * Rows to claim, without waiting for those that somebody else is about to claim. As an array, so that the inner query runs
 * once: joined, a plan may run it again for each row, and take more than its limit.
 */
export const freeRowsOfMany: FreeRows = (rows) =>
  sql<boolean>`id = any(array${rows.forUpdate().skipLocked()})`;

/** PostgreSQL's text holds every character but this one. */
const nul = '\u0000';
/** "Start of heading": stands before what takes the place of NUL, and before what takes its own. */
const escape = '\u0001';

/**
 * A value as it is sent. NUL becomes two characters and the escape two that sort after those, so that escaped text has the
 * order of the text itself: both ledgers page and take turns alike.
 */
export function encodeParameter(value: unknown): unknown {
  if (typeof value === 'string') {
    return value.includes(nul) || value.includes(escape)
      ? value.replaceAll(escape, `${escape}\u0002`).replaceAll(nul, `${escape}${escape}`)
      : value;
  }
  // SQLite keeps the fraction of a time that was drawn at random. Upwards, so that nothing is due too early.
  return typeof value === 'number' && !Number.isInteger(value) ? Math.ceil(value) : value;
}

// One pass from the left: two would read the end of one pair with the beginning of the next.
const decodeText = (text: string): string =>
  text.includes(escape)
    ? // eslint-disable-next-line no-control-regex -- These two are what it is about.
      text.replaceAll(/\u0001([\u0001\u0002])/g, (_, second: string) => (second === escape ? nul : escape))
    : text;

/** Numbers of 64 bits and sums come as text, truth as t or f: here they are what SQLite gives. */
const parsers: ReadonlyMap<number, (text: string) => unknown> = new Map<number, (text: string) => unknown>([
  [pg.types.builtins.INT2, Number],
  [pg.types.builtins.INT4, Number],
  [pg.types.builtins.INT8, Number],
  [pg.types.builtins.NUMERIC, Number],
  [pg.types.builtins.BOOL, (text) => (text === 't' ? 1 : 0)],
  [pg.types.builtins.TEXT, decodeText],
]);

/** Any other type, which no column of the ledger has. */
const asText = (text: string): string => text;

/** How values that come back are read. */
export const valueTypes: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number): unknown => parsers.get(oid) ?? asText) as typeof pg.types.getTypeParser,
};

/** The name under which a connection keeps a text prepared. Texts come from a fixed set of templates. */
export function preparedName(text: string): string {
  const known = names.get(text);
  if (known !== undefined) return known;
  const name = createHash('sha256').update(text).digest('hex').slice(0, 32);
  names.set(text, name);
  return name;
}

const names = new Map<string, string>();
