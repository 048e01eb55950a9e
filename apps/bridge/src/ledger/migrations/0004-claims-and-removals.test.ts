import { join } from 'node:path';
import Database from 'better-sqlite3';
import { createSqliteCompiler } from '../sqlite-compiler';
import { openSqliteLedger } from '../sqlite-ledger';
import { temporaryDirectory } from '../test/temporary-ledger';
import { allMigrations } from './all-migrations';

test('a ledger in which a renamed destination claimed an outbox message once more: the first claim stays', async () => {
  const directory = temporaryDirectory();
  const file = join(directory.path, 'ledger.db');
  const database = new Database(file);
  const db = createSqliteCompiler();
  for (const { version, name, statements } of allMigrations.filter((one) => one.version < 4)) {
    for (const { sql } of statements(db)) database.prepare(sql).run();
    database
      .prepare('insert into schema_version (version, name, applied_at) values (?, ?, 0)')
      .run(version, name);
  }
  database.pragma('foreign_keys = off');
  const put = database.prepare(
    `insert into delivery (id, message_id, ordinal, destination, state, claimed_id) values (?, 'm', 0, ?, 'submitted', ?)`,
  );
  put.run('d1', 'warehouse', '<1>');
  put.run('d2', 'depot', '<1>');
  put.run('d3', 'depot', '<2>');
  put.run('d4', 'depot', null);
  database.prepare(`insert into forgotten_event (hash, seal) values ('h', 1)`).run();
  database.close();

  await (await openSqliteLedger({ file, now: () => 1 })).close();
  const migrated = new Database(file);
  const claims = migrated.prepare('select id, claimed_id as claim from delivery order by id').all();
  expect(claims).toEqual([
    { id: 'd1', claim: '<1>' },
    { id: 'd2', claim: null },
    { id: 'd3', claim: '<2>' },
    { id: 'd4', claim: null },
  ]);
  expect(migrated.prepare('select * from forgotten_event').all()).toEqual([
    { hash: 'h', seal: 1, message_id: '' },
  ]);
  const again = migrated.prepare(`update delivery set claimed_id = '<2>' where id = 'd4'`);
  expect(() => again.run()).toThrow(/UNIQUE/);
  migrated.close();
  directory.remove();
});
