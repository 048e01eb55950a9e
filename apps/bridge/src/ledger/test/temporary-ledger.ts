import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { openSqliteLedger } from '../sqlite-ledger';

export interface TemporaryLedger {
  readonly file: string;
  readonly ledger: Awaited<ReturnType<typeof openSqliteLedger>>;
  /** What `now` answers. */
  readonly clock: { now: number };
  /** Runs a text behind the ledger's back. */
  tamper(sql: string, ...values: unknown[]): void;
  /** Reads behind its back. */
  query(sql: string, ...values: unknown[]): unknown[];
  close(): Promise<void>;
}

/** A directory of its own for real files. */
export function temporaryDirectory(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'ledger-test-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** A ledger over a real file, gone after `close`. */
export async function openTemporaryLedger(): Promise<TemporaryLedger> {
  const directory = temporaryDirectory();
  const file = join(directory.path, 'ledger.db');
  const clock = { now: 1_000 };
  const ledger = await openSqliteLedger({ file, now: () => clock.now });
  return {
    file,
    ledger,
    clock,
    tamper(sql, ...values) {
      const database = new Database(file);
      database.prepare(sql).run(...values);
      database.close();
    },
    query(sql, ...values) {
      const database = new Database(file, { readonly: true });
      const rows = database.prepare(sql).all(...values);
      database.close();
      return rows;
    },
    async close() {
      await ledger.close();
      directory.remove();
    },
  };
}
