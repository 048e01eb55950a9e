import { sql } from 'kysely';
import type { Migration } from '../migration';

/** Work that exists since ever is past its deadline: the bridge ends it as unknown, with this reason, and people see it. */
const claimedByAnother =
  'An earlier version of the bridge let two deliveries count on this one submission, and it is the other one that keeps it.';

/** The claim stays with what is delivered, else with what waits for its proof, else with whoever meant to send it first. */
const isClaimedByAnother = sql`exists (select 1 from delivery as other where other.claimed_id = delivery.claimed_id
  and (case other.state when 'delivered' then 0 when 'submitted' then 1 else 2 end, coalesce(other.intended_at, 0), other.id)
    < (case delivery.state when 'delivered' then 0 when 'submitted' then 1 else 2 end, coalesce(delivery.intended_at, 0), delivery.id))`;

/** An outbox message is claimed by one delivery, whatever its destination is called; and what is forgotten leaves a record. */
export const claimsAndRemovals: Migration = {
  version: 4,
  name: 'claims-and-removals',
  statements: (db) => {
    const { schema } = db;
    const claims = [
      schema.dropIndex('delivery_claim').compile(),
      // Two deliveries of destinations that differ in name only: the index below could not be made over them.
      sql`update due set since = 0, due_at = 0, why = ${sql.lit(claimedByAnother)} where kind = 'confirm' and subject in (select id from delivery where state = 'submitted' and ${isClaimedByAnother})`.compile(
        db,
      ),
      sql`update delivery set claimed_id = null where ${isClaimedByAnother}`.compile(db),
      // NULLs differ from each other in both databases, so only what was submitted is unique.
      schema.createIndex('delivery_claimed').unique().on('delivery').columns(['claimed_id']).compile(),
    ];
    const removals = [
      schema
        .createTable('forgotten_message')
        .addColumn('message_id', 'text', (c) => c.primaryKey().notNull())
        .addColumn('at', 'bigint', (c) => c.notNull())
        .addColumn('events', 'integer', (c) => c.notNull())
        .addColumn('head_hash', 'text', (c) => c.notNull())
        .addColumn('root', 'text', (c) => c.notNull())
        .addColumn('ending', 'text', (c) => c.notNull())
        .addColumn('hash', 'text', (c) => c.notNull())
        .addColumn('seal', 'bigint'),
      schema
        .createIndex('forgotten_message_unsealed')
        .on('forgotten_message')
        .columns(['at'])
        .where(sql.ref('seal'), 'is', null),
      schema.createIndex('forgotten_message_seal').on('forgotten_message').columns(['seal']),
      // Empty where an earlier version forgot it and made no record.
      schema.alterTable('forgotten_event').addColumn('message_id', 'text', (c) => c.notNull().defaultTo('')),
      schema.createIndex('forgotten_event_message').on('forgotten_event').columns(['message_id']),
    ].map((part) => part.compile());
    return [...claims, ...removals];
  },
};
