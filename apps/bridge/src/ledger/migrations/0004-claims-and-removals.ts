import { sql } from 'kysely';
import type { Migration } from '../migration';

/** An outbox message is claimed by one delivery, whatever its destination is called; and what is forgotten leaves a record. */
export const claimsAndRemovals: Migration = {
  version: 4,
  name: 'claims-and-removals',
  statements: (db) => {
    const { schema } = db;
    const claims = [
      schema.dropIndex('delivery_claim').compile(),
      // Two deliveries of destinations that differ in name only: the index below could not be made over them.
      sql`update delivery set claimed_id = null where exists (select 1 from delivery as earlier where earlier.claimed_id = delivery.claimed_id and earlier.id < delivery.id)`.compile(
        db,
      ),
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
