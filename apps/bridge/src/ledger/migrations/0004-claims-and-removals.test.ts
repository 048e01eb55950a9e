import { join } from 'node:path';
import Database from 'better-sqlite3';
import { createSqliteCompiler } from '../sqlite-compiler';
import { openSqliteLedger } from '../sqlite-ledger';
import { temporaryDirectory } from '../test/temporary-ledger';
import { allMigrations } from './all-migrations';

test('a ledger in which a renamed destination claimed an outbox message once more: one claim stays, and people see the rest', async () => {
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
    `insert into delivery (id, message_id, ordinal, destination, state, intended_at, claimed_id) values (?, 'm', 0, ?, ?, ?, ?)`,
  );
  const work = database.prepare(
    `insert into due (id, kind, subject, message_id, due_at, since, attempts, epoch, revision, lease_until, why)
     values (?, 'confirm', ?, 'm', 70, 60, 0, 0, 0, 0, null)`,
  );
  put.run('d1', 'warehouse', 'submitted', 5, '<1>');
  put.run('d2', 'depot', 'delivered', 9, '<1>');
  put.run('d3', 'depot', 'submitted', 5, '<2>');
  put.run('d4', 'depot', 'due', null, null);
  put.run('d5', 'warehouse', 'submitted', 7, '<3>');
  put.run('d6', 'depot', 'submitted', 6, '<3>');
  put.run('d7', 'old', 'failed', 1, '<3>');
  for (const id of ['d1', 'd3', 'd5', 'd6']) work.run(id, id);
  database.prepare(`insert into forgotten_event (hash, seal) values ('h', 1)`).run();
  database.close();

  await (await openSqliteLedger({ file, now: () => 1 })).close();
  const migrated = new Database(file);
  const claims = migrated.prepare('select id, claimed_id from delivery order by id').raw().all();
  expect(claims).toEqual([
    ['d1', null],
    ['d2', '<1>'],
    ['d3', '<2>'],
    ['d4', null],
    ['d5', null],
    ['d6', '<3>'],
    ['d7', null],
  ]);
  // What nobody may confirm any more is past its deadline: the next start holds it, and has it searched for.
  const why = expect.stringContaining('let two deliveries count on this one submission');
  expect(migrated.prepare('select id, since, due_at, why from due order by id').raw().all()).toEqual([
    ['d1', 0, 0, why],
    ['d3', 60, 70, null],
    ['d5', 0, 0, why],
    ['d6', 60, 70, null],
  ]);
  expect(migrated.prepare('select * from forgotten_event').all()).toEqual([
    { hash: 'h', seal: 1, message_id: '' },
  ]);
  const again = migrated.prepare(`update delivery set claimed_id = '<2>' where id = 'd4'`);
  expect(() => again.run()).toThrow(/UNIQUE/);
  migrated.close();
  directory.remove();
});
