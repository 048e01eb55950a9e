import type { Kysely } from 'kysely';
import type { Ledger } from './ledger';
import type { ProgramExecutor } from './program';
import type { ReadSource } from './read-source';
import { template } from './statement';
import type { SkippedRow, Tables } from './tables';

/** Which messages are older than what the bridge takes. */
export function createSkippedReads(db: Kysely<Tables>, source: ReadSource): Pick<Ledger['skipped'], 'list'> {
  const older = template<{ startFrom: number }, Pick<SkippedRow, 'gateway_id'>>((slot) =>
    db.selectFrom('skipped').select('gateway_id').where('gateway_time', '<', slot('startFrom')).compile(),
  );
  return {
    async list(startFrom) {
      const [rows] = await source.read([older({ startFrom })]);
      return new Set(rows.map(({ gateway_id }) => gateway_id));
    },
  };
}

/** Notes them. */
export function createSkippedWrites(
  db: Kysely<Tables>,
  executor: ProgramExecutor,
): Pick<Ledger['skipped'], 'add' | 'removeBefore'> {
  const put = template<SkippedRow>((slot) =>
    db
      .insertInto('skipped')
      .values({ gateway_id: slot('gateway_id'), gateway_time: slot('gateway_time') })
      .onConflict((conflict) =>
        conflict
          .column('gateway_id')
          .doUpdateSet((skipped) => ({ gateway_time: skipped.ref('excluded.gateway_time') })),
      )
      .compile(),
  );
  const removeOld = template<{ before: number }>((slot) =>
    db.deleteFrom('skipped').where('gateway_time', '<', slot('before')).compile(),
  );
  return {
    async removeBefore(before) {
      await executor.run([removeOld({ before })]);
    },
    async add(gatewayId, gatewayTime) {
      await executor.run([put({ gateway_id: gatewayId, gateway_time: gatewayTime })]);
    },
  };
}
