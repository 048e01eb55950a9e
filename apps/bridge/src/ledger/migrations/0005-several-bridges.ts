import { sql } from 'kysely';
import type { Migration } from '../migration';

/** Several bridges on one ledger: who they are, what each of them alone does, and who holds which work. */
export const severalBridges: Migration = {
  version: 5,
  name: 'several-bridges',
  statements: ({ schema }) =>
    [
      schema
        .createTable('member')
        .addColumn('id', 'text', (c) => c.primaryKey().notNull())
        .addColumn('name', 'text', (c) => c.notNull())
        .addColumn('program', 'text', (c) => c.notNull())
        .addColumn('schema', 'integer', (c) => c.notNull())
        .addColumn('started_at', 'bigint', (c) => c.notNull())
        .addColumn('beat_until', 'bigint', (c) => c.notNull())
        .addColumn('counted', 'text', (c) => c.notNull().defaultTo(''))
        .addColumn('down', 'text', (c) => c.notNull().defaultTo(''))
        .addColumn('parts', 'text', (c) => c.notNull()),
      schema
        .createTable('lease')
        .addColumn('name', 'text', (c) => c.primaryKey().notNull())
        .addColumn('member', 'text', (c) => c.notNull()),
      schema.alterTable('due').addColumn('holder', 'text'),
      // Few rows at any time: the steps that run.
      schema.createIndex('due_holder').on('due').columns(['holder']).where(sql.ref('holder'), 'is not', null),
      schema.alterTable('schema_version').addColumn('usable_from', 'integer'),
    ].map((part) => part.compile()),
};
