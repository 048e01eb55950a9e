import type { Kysely } from 'kysely';
import { sql } from 'kysely';
import type { ProgramStep } from './program';
import { template } from './statement';
import type { Statement } from './statement';
import type { Tables } from './tables';

type Values = Readonly<Record<string, unknown>>;
type Bind = (values: Values) => Statement;

/** Writes rows of any table by their columns' names; each set of columns is compiled once. */
export interface RowStatements {
  insert(table: keyof Tables, row: object): ProgramStep;
  /** Sets `changed` where the id is `id`; with `revision`, only where the row is still at that one. */
  update(table: keyof Tables, id: string, changed: object, revision?: number): ProgramStep;
  remove(table: keyof Tables, id: string): ProgramStep;
}

/** @example rows.update('attachment', 'a1', { scan_file_id: 'f1' }) */
export function createRowStatements(db: Kysely<Tables>): RowStatements {
  const compiled = new Map<string, Bind>();

  function once(key: string, make: () => Bind): Bind {
    const known = compiled.get(key);
    if (known !== undefined) return known;
    const made = make();
    compiled.set(key, made);
    return made;
  }

  return {
    insert(table, row) {
      const columns = Object.keys(row);
      const bind = once(`insert ${table} ${columns.join()}`, () =>
        template<Values>((slot) => {
          const names = sql.join(columns.map((column) => sql.ref(column)));
          const values = sql.join(columns.map((column) => slot(column)));
          return sql`insert into ${sql.table(table)} (${names}) values (${values})`.compile(db);
        }),
      );
      return bind(row as Values);
    },
    update(table, id, changed, revision) {
      const columns = Object.keys(changed);
      const guarded = revision !== undefined;
      const bind = once(`update ${table} ${columns.join()} ${String(guarded)}`, () =>
        template<Values>((slot) => {
          const sets = sql.join(columns.map((column) => sql`${sql.ref(column)} = ${slot(column)}`));
          const guard = guarded ? sql` and revision = ${slot('where revision')}` : sql``;
          return sql`update ${sql.table(table)} set ${sets} where id = ${slot('where id')}${guard}`.compile(
            db,
          );
        }),
      );
      return { ...bind({ ...changed, 'where id': id, 'where revision': revision }), expect: 1 };
    },
    remove(table, id) {
      const bind = once(`remove ${table}`, () =>
        template<Values>((slot) => sql`delete from ${sql.table(table)} where id = ${slot('id')}`.compile(db)),
      );
      return { ...bind({ id }), expect: 1 };
    },
  };
}
