import type { Kysely } from 'kysely';
import type { IntakeFailure, Ledger } from './ledger';
import type { ProgramExecutor } from './program';
import type { ReadSource } from './read-source';
import { template } from './statement';
import type { IntakeFailureRow, Tables } from './tables';

/** What is known about messages that could not be taken. */
export function createIntakeFailureReads(
  db: Kysely<Tables>,
  source: ReadSource,
): Pick<Ledger['intakeFailures'], 'find' | 'list'> {
  const byId = template<{ id: string }, IntakeFailureRow>((slot) =>
    db.selectFrom('intake_failure').selectAll().where('gateway_id', '=', slot('id')).compile(),
  );
  const all = template<object, IntakeFailureRow>(() =>
    db.selectFrom('intake_failure').selectAll().orderBy('first_at').orderBy('gateway_id').compile(),
  );
  return {
    async find(id) {
      const [[row]] = await source.read([byId({ id })]);
      return row === undefined ? undefined : decode(row);
    },
    async list() {
      const [rows] = await source.read([all({})]);
      return rows.map(decode);
    },
  };
}

/** Notes and clears them. */
export function createIntakeFailureWrites(
  db: Kysely<Tables>,
  executor: ProgramExecutor,
): Pick<Ledger['intakeFailures'], 'record' | 'clear'> {
  const record = template<
    Pick<IntakeFailureRow, 'gateway_id' | 'reason' | 'first_at' | 'next_at'>,
    IntakeFailureRow
  >((slot) =>
    db
      .insertInto('intake_failure')
      .values((failure) => ({
        gateway_id: slot('gateway_id'),
        reason: slot('reason'),
        tries: failure.lit(1),
        first_at: slot('first_at'),
        next_at: slot('next_at'),
      }))
      .onConflict((conflict) =>
        conflict.column('gateway_id').doUpdateSet((failure) => ({
          reason: failure.ref('excluded.reason'),
          tries: failure('intake_failure.tries', '+', failure.lit(1)),
          next_at: failure.ref('excluded.next_at'),
        })),
      )
      .returningAll()
      .compile(),
  );
  const remove = template<{ id: string }>((slot) =>
    db.deleteFrom('intake_failure').where('gateway_id', '=', slot('id')).compile(),
  );
  return {
    async record(gatewayId, reason, at, nextAt) {
      const values = { gateway_id: gatewayId, reason, first_at: at, next_at: nextAt };
      const [rows = []] = await executor.run<IntakeFailureRow>([{ ...record(values), expect: 1 }]);
      return rows.map(decode)[0] ?? { gatewayId, reason, tries: 1, firstAt: at, nextAt };
    },
    async clear(id) {
      await executor.run([remove({ id })]);
    },
  };
}

function decode(row: IntakeFailureRow): IntakeFailure {
  return {
    gatewayId: row.gateway_id,
    reason: row.reason,
    tries: row.tries,
    firstAt: row.first_at,
    nextAt: row.next_at,
  };
}
