import type { CompiledQuery } from 'kysely';

/** A compiled query with its values: plain data, so that it can cross to another thread. */
export interface Statement<Row = unknown> {
  readonly sql: string;
  readonly parameters: readonly unknown[];
  /** For the type checker only: what a returned row looks like. */
  readonly row?: Row;
}

/** Stands in a query for a value that is bound later. */
class Slot {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/** Marks the place of a value; to Kysely it looks like the value itself. */
export type SlotOf<In> = <Name extends keyof In & string>(name: Name) => In[Name];

/**
 * A query that is built and compiled once and bound many times. Kysely takes 20 to 100 µs to build and compile
 * one of ours, SQLite about 5 µs to run it: at thousands of statements a second the compiling would be the cost.
 *
 * @example
 * const byId = template<{ id: string }, MessageRow>((slot) =>
 *   db.selectFrom('message').selectAll().where('id', '=', slot('id')).compile());
 * byId({ id: 'm1' }); // { sql: 'select * from "message" where "id" = ?', parameters: ['m1'] }
 */
export function template<In extends object, Row = unknown>(
  build: (slot: SlotOf<In>) => CompiledQuery<Row>,
): (values: In) => Statement<Row> {
  const { sql, parameters } = build((name) => new Slot(name) as unknown as never);
  return (values) => ({
    sql,
    parameters: parameters.map((parameter) =>
      parameter instanceof Slot ? (values as Record<string, unknown>)[parameter.name] : parameter,
    ),
  });
}
