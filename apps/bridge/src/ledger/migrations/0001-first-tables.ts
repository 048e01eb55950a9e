import type { ColumnDefinitionBuilder, CreateTableBuilder, Kysely } from 'kysely';
import type { Migration } from '../migration';
import type { Tables } from '../tables';

const key = (column: ColumnDefinitionBuilder): ColumnDefinitionBuilder => column.primaryKey().notNull();
const needed = (column: ColumnDefinitionBuilder): ColumnDefinitionBuilder => column.notNull();
const ofMessage = (column: ColumnDefinitionBuilder): ColumnDefinitionBuilder =>
  column.notNull().references('message.id');

/** Epoch ms and sizes are `bigint`: PostgreSQL's `integer` ends at 2^31, to SQLite both are the same. */
export const firstTables: Migration = {
  version: 1,
  name: 'first-tables',
  statements: (db) => [...messageTables(db), ...workTables(db), ...indices(db)].map((part) => part.compile()),
};

type Part = CreateTableBuilder<string, string>;
type Index = ReturnType<ReturnType<Kysely<Tables>['schema']['createIndex']>['on']>;

function messageTables({ schema }: Kysely<Tables>): Part[] {
  return [
    schema
      .createTable('message')
      .addColumn('id', 'text', key)
      .addColumn('station', 'text', needed)
      .addColumn('partner', 'text', needed)
      .addColumn('gateway_id', 'text', needed)
      .addColumn('subject', 'text')
      .addColumn('gateway_time', 'bigint')
      .addColumn('taken_at', 'bigint', needed)
      .addColumn('content_digest', 'text', needed)
      .addColumn('route', 'text')
      .addColumn('acknowledged', 'integer', needed)
      .addColumn('resends', 'integer', needed)
      .addColumn('policy_version', 'text')
      .addColumn('revision', 'integer', needed)
      .addColumn('state', 'text', needed)
      .addColumn('head_sequence', 'integer', needed)
      .addColumn('head_hash', 'text', needed),
    schema
      .createTable('attachment')
      .addColumn('id', 'text', key)
      .addColumn('message_id', 'text', ofMessage)
      .addColumn('ordinal', 'integer', needed)
      .addColumn('position', 'integer', needed)
      .addColumn('name', 'text', needed)
      .addColumn('content_type', 'text')
      .addColumn('media', 'text', needed)
      .addColumn('size', 'bigint', needed)
      .addColumn('sha256', 'text', needed)
      .addColumn('custody_key', 'text', needed)
      .addColumn('scan_group_id', 'text')
      .addColumn('scan_upload_name', 'text', needed)
      .addColumn('scan_file_id', 'text')
      .addColumn('scan_uploaded_size', 'bigint')
      .addColumn('scan_uploaded_sha256', 'text')
      .addColumn('scan_evidence', 'text')
      .addColumn('scan_sanitized_size', 'bigint')
      .addColumn('scan_sanitized_sha256', 'text')
      .addColumn('scan_sanitized_custody_key', 'text')
      .addColumn('scan_disposed', 'integer', needed),
    schema
      .createTable('obligation')
      .addColumn('id', 'text', key)
      .addColumn('message_id', 'text', ofMessage)
      .addColumn('ordinal', 'integer', needed)
      .addColumn('attachment_id', 'text')
      .addColumn('destination', 'text')
      .addColumn('place', 'text', needed)
      .addColumn('reasons', 'text', needed)
      .addColumn('delivery_id', 'text'),
    schema
      .createTable('delivery')
      .addColumn('id', 'text', key)
      .addColumn('message_id', 'text', ofMessage)
      .addColumn('ordinal', 'integer', needed)
      .addColumn('destination', 'text', needed)
      .addColumn('state', 'text', needed)
      .addColumn('intended_at', 'bigint')
      .addColumn('remote_id', 'text')
      .addColumn('claimed_id', 'text')
      .addColumn('proof', 'text'),
    schema
      .createTable('event')
      .addColumn('message_id', 'text', ofMessage)
      .addColumn('sequence', 'integer', needed)
      .addColumn('at', 'bigint', needed)
      .addColumn('event', 'text', needed)
      .addColumn('hash', 'text', needed)
      .addPrimaryKeyConstraint('event_key', ['message_id', 'sequence']),
  ];
}

function workTables({ schema }: Kysely<Tables>): Part[] {
  return [
    schema
      .createTable('due')
      .addColumn('id', 'text', key)
      .addColumn('kind', 'text', needed)
      .addColumn('subject', 'text', needed)
      .addColumn('message_id', 'text', ofMessage)
      .addColumn('due_at', 'bigint', needed)
      .addColumn('since', 'bigint', needed)
      .addColumn('attempts', 'integer', needed)
      .addColumn('epoch', 'integer', needed)
      .addColumn('revision', 'integer', needed)
      .addColumn('lease_until', 'bigint', needed)
      .addColumn('why', 'text'),
    schema
      .createTable('intake_failure')
      .addColumn('gateway_id', 'text', key)
      .addColumn('reason', 'text', needed)
      .addColumn('tries', 'integer', needed)
      .addColumn('first_at', 'bigint', needed)
      .addColumn('next_at', 'bigint', needed),
    schema.createTable('setting').addColumn('key', 'text', key).addColumn('value', 'text', needed),
    schema
      .createTable('schema_version')
      .addColumn('version', 'integer', key)
      .addColumn('name', 'text', needed)
      .addColumn('applied_at', 'bigint', needed),
  ];
}

function indices({ schema }: Kysely<Tables>): Index[] {
  const index = (name: string): ReturnType<typeof schema.createIndex> => schema.createIndex(name);
  return [
    index('message_newest').on('message').columns(['taken_at', 'id']),
    index('message_state_newest').on('message').columns(['state', 'taken_at', 'id']),
    index('message_gateway_id').on('message').columns(['gateway_id', 'taken_at']),
    index('attachment_message').on('attachment').columns(['message_id', 'ordinal']),
    index('attachment_custody').on('attachment').columns(['custody_key']),
    index('attachment_sanitized').on('attachment').columns(['scan_sanitized_custody_key']),
    index('obligation_message').on('obligation').columns(['message_id', 'ordinal']),
    index('delivery_message').on('delivery').columns(['message_id', 'ordinal']),
    // NULLs differ from each other in both databases, so only what was submitted is unique.
    index('delivery_claim').unique().on('delivery').columns(['destination', 'claimed_id']),
    index('due_work').unique().on('due').columns(['kind', 'subject']),
    // `lease_until` is 0 where nobody holds the row: a claim reads the oldest of a kind from the index and stops.
    index('due_claim').on('due').columns(['kind', 'lease_until', 'due_at']),
    index('due_lease').on('due').columns(['lease_until', 'due_at']),
    index('due_message').on('due').columns(['message_id']),
  ];
}
