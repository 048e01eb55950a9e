import type { Kysely } from 'kysely';
import type { Ledger } from './ledger';
import type { ProgramExecutor } from './program';
import { template } from './statement';
import type { DueRow, Tables } from './tables';

interface Values {
  readonly kind: string;
  readonly subject: string;
  readonly at: number;
  readonly why: string;
}

/** Says of work that was never tried why it is not. One statement, however many rows wait. */
export function createExplain(db: Kysely<Tables>, executor: ProgramExecutor): Ledger['due']['explain'] {
  const ofKind = template<Values, DueRow>((slot) =>
    db
      .updateTable('due')
      .set({ why: slot('why') })
      .where('kind', '=', slot('kind'))
      .where((due) => due('lease_until', '=', due.lit(0)))
      .where('due_at', '<=', slot('at'))
      .where('why', 'is', null)
      .compile(),
  );
  // Other destinations may not ask the service at all.
  const ofDestination = template<Values, DueRow>((slot) =>
    db
      .updateTable('due')
      .set({ why: slot('why') })
      .where('kind', '=', slot('kind'))
      .where((due) => due('lease_until', '=', due.lit(0)))
      .where('due_at', '<=', slot('at'))
      .where('why', 'is', null)
      .where('subject', 'in', (due) =>
        due
          .selectFrom('delivery')
          .select('delivery.id')
          .where('delivery.destination', '=', (delivery) =>
            delivery
              .selectFrom('delivery as own')
              .select('own.destination')
              .where('own.id', '=', slot('subject')),
          ),
      )
      .compile(),
  );
  return async ({ work: { kind, subject }, why, at }) => {
    const isDelivery = kind === 'deliver' || kind === 'confirm' || kind === 'reconcile';
    const explain = isDelivery ? ofDestination : ofKind;
    await executor.run([explain({ kind, subject, at, why })]);
  };
}
