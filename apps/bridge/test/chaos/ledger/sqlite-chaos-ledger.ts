import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { openSqliteLedgerReader } from '../../../src/ledger/sqlite-ledger-reader';
import type { MakeLedger } from './chaos-ledger';

/** The file that the bridge makes where nothing is configured. */
export const makeSqliteLedger: MakeLedger = ({ dataDirectory }) => {
  const file = join(dataDirectory, 'ledger.sqlite');

  /** A connection each time: the file may be another one, after a restore. */
  function ask<T>(question: (db: Database.Database) => T): T {
    const db = new Database(file, { readonly: true });
    try {
      return question(db);
    } finally {
      db.close();
    }
  }

  return Promise.resolve({
    kind: 'sqlite',
    section: {},
    env: {},
    openReader: () => openSqliteLedgerReader(file),
    sealedHashes: (seal) =>
      Promise.resolve(
        ask((db) =>
          db
            .prepare<[number], { hash: string }>('select hash from event where seal = ?')
            .all(seal)
            .map(({ hash }) => hash),
        ),
      ),
    faults() {
      const result = ask((db) => db.pragma('integrity_check', { simple: true }));
      return Promise.resolve(result === 'ok' ? [] : [`SQLite says of the ledger: ${String(result)}`]);
    },
    stored: () =>
      Promise.all(
        [file, `${file}-wal`]
          .filter((path) => existsSync(path))
          .map(async (path) => ({ place: path, text: await readFile(path, 'latin1') })),
      ),
    // With the directory that it lies in.
    close: () => Promise.resolve(),
  });
};
