import type { Kysely } from 'kysely';
import { aggregateRead } from './aggregate-read';
import { createKnownReads } from './known-reads';
import { createWorkReads } from './work-reads';
import type { Ledger, MessageSummary } from './ledger';
import { createMessageList } from './message-list';
import type { ReadSource } from './read-source';
import { template } from './statement';
import type { Tables } from './tables';

/** All that can be asked about messages but their audit. */
export function createMessageReads(
  db: Kysely<Tables>,
  source: ReadSource,
): Omit<Ledger['messages'], 'timeline'> {
  const byId = aggregateRead<{ id: string }>(
    db,
    (from, slot) => from.selectFrom('message').select('message.id').where('message.id', '=', slot('id')),
    'asc',
  );
  const byGatewayId = aggregateRead<{ gatewayId: string }>(
    db,
    (from, slot) =>
      from.selectFrom('message').select('message.id').where('message.gateway_id', '=', slot('gatewayId')),
    'asc',
  );
  const owners = {
    attachment: template<{ id: string }, { message_id: string }>((slot) =>
      db.selectFrom('attachment').select('message_id').where('id', '=', slot('id')).compile(),
    ),
    delivery: template<{ id: string }, { message_id: string }>((slot) =>
      db.selectFrom('delivery').select('message_id').where('id', '=', slot('id')).compile(),
    ),
  };
  const stateCounts = template<object, { state: string; count: number }>(() =>
    db
      .selectFrom('message')
      .select((message) => ['state', message.fn.countAll<number>().as('count')])
      .groupBy('state')
      .compile(),
  );

  const summary = async (id: string): Promise<MessageSummary | undefined> => (await byId(source, { id }))[0];
  const load: Ledger['messages']['load'] = async (id) => (await summary(id))?.message;

  return {
    ...createKnownReads(db, source),
    ...createWorkReads(db, source),
    load,
    summary,
    list: createMessageList(db, source),
    async loadBySubject(kind, id) {
      // Two reads: a part never changes its message.
      const [[owner]] = await source.read([owners[kind]({ id })]);
      return owner === undefined ? undefined : load(owner.message_id);
    },
    async findByGatewayId(gatewayId) {
      return (await byGatewayId(source, { gatewayId })).map(({ message }) => message);
    },
    async countByState() {
      const [rows] = await source.read([stateCounts({})]);
      return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
    },
  };
}
