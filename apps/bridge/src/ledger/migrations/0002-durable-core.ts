import { sql } from 'kysely';
import type { Migration } from '../migration';

/** Seals, commands, retention, fairness between partners, and intents that end. */
export const durableCore: Migration = {
  version: 2,
  name: 'durable-core',
  statements: (db) => {
    const { schema } = db;
    return [
      schema.alterTable('message').addColumn('mode', 'text', (c) => c.notNull().defaultTo('enforce')),
      schema.alterTable('message').addColumn('legal_hold', 'integer', (c) => c.notNull().defaultTo(0)),
      schema.alterTable('message').addColumn('bytes_removed', 'integer', (c) => c.notNull().defaultTo(0)),
      schema.alterTable('message').addColumn('settled_at', 'bigint'),
      schema.alterTable('delivery').addColumn('send_by', 'bigint'),
      schema.alterTable('due').addColumn('partner', 'text', (c) => c.notNull().defaultTo('')),
      schema.alterTable('event').addColumn('seal', 'bigint'),
      schema
        .createTable('seal')
        .addColumn('number', 'bigint', (c) => c.primaryKey().notNull())
        .addColumn('at', 'bigint', (c) => c.notNull())
        .addColumn('previous', 'text', (c) => c.notNull())
        .addColumn('events', 'integer', (c) => c.notNull())
        .addColumn('root', 'text', (c) => c.notNull())
        .addColumn('hash', 'text', (c) => c.notNull()),
      schema
        .createTable('command')
        .addColumn('id', 'text', (c) => c.primaryKey().notNull())
        .addColumn('kind', 'text', (c) => c.notNull())
        .addColumn('message_id', 'text', (c) => c.notNull())
        .addColumn('argument', 'text', (c) => c.notNull())
        .addColumn('actor', 'text', (c) => c.notNull())
        .addColumn('asked_at', 'bigint', (c) => c.notNull())
        .addColumn('done_at', 'bigint')
        .addColumn('outcome', 'text'),
      schema
        .createTable('skipped')
        .addColumn('gateway_id', 'text', (c) => c.primaryKey().notNull())
        .addColumn('gateway_time', 'bigint', (c) => c.notNull()),
      schema.createIndex('message_settled').on('message').columns(['state', 'settled_at']),
      // Few rows at any time: those of the last seconds.
      schema.createIndex('event_unsealed').on('event').columns(['at']).where(sql.ref('seal'), 'is', null),
      schema.createIndex('event_seal').on('event').columns(['seal']),
      schema.createIndex('due_fair').on('due').columns(['kind', 'lease_until', 'partner', 'due_at']),
    ]
      .map((part) => part.compile())
      .concat(
        sql`update due set partner = (select partner from message where message.id = due.message_id)`.compile(
          db,
        ),
        // Messages of an earlier version were settled at some time before now; the time of their last event is near enough.
        sql`update message set settled_at = (select max(at) from event where event.message_id = message.id) where state not in ('scanning', 'deciding', 'delivering')`.compile(
          db,
        ),
      );
  },
};
