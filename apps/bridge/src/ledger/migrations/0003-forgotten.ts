import type { Migration } from '../migration';

/** What stays of events whose retention is over: their hashes, so that the seals that hold them can still be checked. */
export const forgotten: Migration = {
  version: 3,
  name: 'forgotten',
  statements: ({ schema }) =>
    [
      schema
        .createTable('forgotten_event')
        .addColumn('hash', 'text', (c) => c.primaryKey().notNull())
        .addColumn('seal', 'bigint', (c) => c.notNull()),
      schema.createIndex('forgotten_event_seal').on('forgotten_event').columns(['seal']),
      schema.createIndex('command_message').on('command').columns(['message_id']),
    ].map((part) => part.compile()),
};
