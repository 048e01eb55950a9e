import type { Kysely } from 'kysely';
import type { ReadSource } from '../read-source';
import { template } from '../statement';
import type { Tables } from '../tables';
import type { Finding } from './finding';
import { finding } from './finding';

/** Rows that are told at most of each kind. */
const most = 200;

/**
 * Finds deliveries that count on a submission which is not theirs: an outbox message is claimed by the one delivery that was
 * submitted under its id, for as long as that keeps the id.
 */
export async function checkClaims(db: Kysely<Tables>, source: ReadSource): Promise<Finding[]> {
  const [twice, others, stray] = await source.read([
    claimedTwice(db)({}),
    deliveredByOthers(db)({ limit: most }),
    strayClaims(db)({ limit: most }),
  ]);
  return [
    ...twice.map(({ id }) => finding('claim', null, `${id} is claimed by more than one delivery`)),
    ...others.map(({ id, message_id: messageId, other }) =>
      finding(
        'claim',
        messageId,
        `delivery ${id} is delivered by a submission that delivery ${other} claims`,
      ),
    ),
    ...stray.map(({ id, message_id: messageId, claimed_id: claimed, remote_id: remote }) =>
      finding(
        'claim',
        messageId,
        `delivery ${id} goes by ${remote ?? 'no id'}, and claims ${claimed ?? 'none'}`,
      ),
    ),
  ];
}

const claimedTwice = (db: Kysely<Tables>) =>
  template<object, { id: string }>(() =>
    db
      .selectFrom('delivery')
      .select('claimed_id as id')
      .where('claimed_id', 'is not', null)
      .groupBy('claimed_id')
      .having((row) => row.fn.countAll(), '>', 1)
      .$castTo<{ id: string }>()
      .compile(),
  );

const deliveredByOthers = (db: Kysely<Tables>) =>
  template<{ limit: number }, { id: string; message_id: string; other: string }>((slot) =>
    db
      .selectFrom('delivery')
      .innerJoin('delivery as other', 'other.claimed_id', 'delivery.remote_id')
      .select(['delivery.id', 'delivery.message_id', 'other.id as other'])
      .where('delivery.state', '=', 'delivered')
      .where('delivery.claimed_id', 'is', null)
      .whereRef('other.id', '<>', 'delivery.id')
      .limit(slot('limit'))
      .compile(),
  );

const strayClaims = (db: Kysely<Tables>) =>
  template<
    { limit: number },
    { id: string; message_id: string; claimed_id: string | null; remote_id: string | null }
  >((slot) =>
    db
      .selectFrom('delivery')
      .select(['id', 'message_id', 'claimed_id', 'remote_id'])
      .where(({ and, eb, or }) =>
        or([
          and([eb('state', '=', 'submitted'), eb('claimed_id', 'is', null)]),
          and([
            eb('claimed_id', 'is not', null),
            or([eb('remote_id', 'is', null), eb('remote_id', '<>', eb.ref('claimed_id'))]),
          ]),
        ]),
      )
      .limit(slot('limit'))
      .compile(),
  );
