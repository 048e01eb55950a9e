import type { Kysely } from 'kysely';
import { sql } from 'kysely';
import type { Ledger } from './ledger';
import type { ReadSource } from './read-source';
import { template } from './statement';
import type { Tables } from './tables';

const inWork = ['scanning', 'deciding', 'delivering'] as const;

/** Questions about messages that are in work. */
export function createWorkReads(
  db: Kysely<Tables>,
  source: ReadSource,
): Pick<Ledger['messages'], 'bytesInWork' | 'findEarlierInWork'> {
  const bytes = template<object, { bytes: number | string | null }>(() =>
    db
      .selectFrom('message')
      .innerJoin('attachment', 'attachment.message_id', 'message.id')
      .select((row) => row.fn.sum<number | string | null>('attachment.size').as('bytes'))
      .where((row) =>
        row(
          'message.state',
          'in',
          inWork.map((state) => sql.lit(state)),
        ),
      )
      .compile(),
  );
  const earlier = template<
    { station: string; partner: string; route: string; time: number; takenAt: number; id: string },
    { id: string }
  >((slot) =>
    db
      .selectFrom('message')
      .select('id')
      .where((row) =>
        row(
          'state',
          'in',
          inWork.map((state) => sql.lit(state)),
        ),
      )
      .where('station', '=', slot('station'))
      .where('partner', '=', slot('partner'))
      .where('route', '=', slot('route'))
      .where('id', '!=', slot('id'))
      .where((row) => {
        // Where the gateway gave no time, the time of taking it stands for it.
        const time = row.fn.coalesce('gateway_time', 'taken_at');
        return row.or([
          row(time, '<', slot('time')),
          row.and([row(time, '=', slot('time')), row('taken_at', '<', slot('takenAt'))]),
          row.and([
            row(time, '=', slot('time')),
            row('taken_at', '=', slot('takenAt')),
            row('id', '<', slot('id')),
          ]),
        ]);
      })
      // The nearest: each waits for the one right before it, so that the end of one lets exactly one go on.
      .orderBy((row) => row.fn.coalesce('gateway_time', 'taken_at'), 'desc')
      .orderBy('taken_at', 'desc')
      .orderBy('id', 'desc')
      .limit(1)
      .compile(),
  );
  return {
    async bytesInWork() {
      const [[row]] = await source.read([bytes({})]);
      return Number(row?.bytes ?? 0);
    },
    async findEarlierInWork({ id, station, partner, route, gatewayTime, takenAt }) {
      if (route === null) return undefined;
      const time = gatewayTime ?? takenAt;
      const [[row]] = await source.read([earlier({ station, partner, route, time, takenAt, id })]);
      return row?.id;
    },
  };
}
