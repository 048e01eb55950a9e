import type { Kysely } from 'kysely';
import type { Ledger } from './ledger';
import type { ProgramExecutor } from './program';
import { template } from './statement';
import type { DueRow, Tables } from './tables';

interface Values {
  readonly kind: string;
  readonly at: number;
  readonly from: string;
  readonly to: string;
  readonly limit: number;
}

/** Behind every text that begins with what it follows: the greatest code point. */
const last = '\u{10FFFF}';
/** More rows than a ledger holds. */
const all = 1_000_000_000;

/** Brings work forward that waits for a reason which is over. One statement for each kind, however many rows wait. */
export function createHasten(db: Kysely<Tables>, executor: ProgramExecutor): Ledger['due']['hasten'] {
  const bring = template<Values, DueRow>((slot) =>
    db
      .updateTable('due')
      .set({ due_at: slot('at') })
      .where('id', 'in', (due) =>
        due
          .selectFrom('due')
          .select('id')
          .where('kind', '=', slot('kind'))
          .where('lease_until', '=', due.lit(0))
          .where('due_at', '>', slot('at'))
          .where('why', '>=', slot('from'))
          .where('why', '<', slot('to'))
          .limit(slot('limit')),
      )
      .compile(),
  );
  const forget = template<Pick<Values, 'kind' | 'from' | 'to'>, DueRow>((slot) =>
    db
      .updateTable('due')
      .set((due) => ({ why: due.lit(null) }))
      .where('kind', '=', slot('kind'))
      .where((due) => due('lease_until', '=', due.lit(0)))
      .where('why', '>=', slot('from'))
      .where('why', '<', slot('to'))
      .compile(),
  );
  return async ({ kinds, why, at, limit }) => {
    const range = { from: why, to: why + last };
    await executor.run([
      ...kinds.map((kind) => bring({ kind, at, ...range, limit: limit ?? all })),
      ...(limit === undefined ? kinds.map((kind) => forget({ kind, ...range })) : []),
    ]);
  };
}
