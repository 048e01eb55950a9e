import { existsSync } from 'node:fs';
import Database from 'better-sqlite3';
import { isDamage } from './sqlite-fault';

/**
 * Takes back what a process that was killed left half written beside its rollback journal. The ledger has such a journal
 * for an instant only, where a restore or the first start after one turns the log on or off; and nobody who only reads can
 * look at the file until it is taken back (SQLITE_READONLY_ROLLBACK). Call it with the writer's lock held.
 */
export function rollBackJournal(file: string): void {
  if (!existsSync(file) || !existsSync(`${file}-journal`)) return;
  try {
    const database = new Database(file, { fileMustExist: true });
    try {
      database.pragma('busy_timeout = 5000');
      database.prepare('select count(*) from sqlite_schema').get();
    } finally {
      database.close();
    }
  } catch (error) {
    // Damage is told by whoever looks for it next, with what to do.
    if (!isDamage(error)) throw error;
  }
}
