import { join } from 'node:path';
import { openSqliteConnection } from './sqlite-connection';
import { createSqliteReadSource } from './sqlite-read-source';
import { temporaryDirectory } from './test/temporary-ledger';

test('several statements see one snapshot, whatever is committed between them', async () => {
  const directory = temporaryDirectory();
  const writing = openSqliteConnection(join(directory.path, 'read.db'), 'write');
  writing.exec('create table item (id integer primary key)');
  const reading = openSqliteConnection(writing.file, 'read');
  const source = createSqliteReadSource({
    ...reading,
    inTransaction: false,
    run(statement) {
      const result = reading.run(statement);
      writing.exec('insert into item default values');
      return result;
    },
  });
  const count = { sql: 'select count(*) as count from item', parameters: [] };
  expect(await source.read([count, count, count])).toEqual([[{ count: 0 }], [{ count: 0 }], [{ count: 0 }]]);
  expect(await source.read([count])).toEqual([[{ count: 3 }]]);
  await source.close();
  writing.close();
  directory.remove();
});

test('the connection cannot write', () => {
  const directory = temporaryDirectory();
  const writing = openSqliteConnection(join(directory.path, 'read.db'), 'write');
  writing.exec('create table item (id integer primary key)');
  const reading = openSqliteConnection(writing.file, 'read');
  expect(() => reading.exec('insert into item default values')).toThrow(/readonly/);
  reading.close();
  writing.close();
  directory.remove();
});
