import Database from 'better-sqlite3';
import type { Database as Handle, Statement as Prepared } from 'better-sqlite3';
import type { Statement } from './statement';

/** What a statement did: the rows that it returned, and how many it changed. */
export interface StatementResult {
  readonly rows: readonly unknown[];
  readonly changed: number;
}

/** One synchronous connection, on which each text is prepared once. */
export interface SqliteConnection {
  readonly file: string;
  /** False again where SQLite rolled a failed transaction back by itself. */
  readonly inTransaction: boolean;
  run(statement: Statement): StatementResult;
  /** Runs a text without parameters, for its effect. */
  exec(sql: string): void;
  /** The first column of the pragma's first row. */
  pragma(text: string): unknown;
  close(): void;
}

/**
 * Opens a connection. `write` is the durable one: WAL, and synced at each commit; `read` cannot write.
 * @throws SqliteError
 */
export function openSqliteConnection(file: string, mode: 'write' | 'read'): SqliteConnection {
  const database = new Database(file, { readonly: mode === 'read', fileMustExist: mode === 'read' });
  try {
    if (mode === 'write') setDurable(database);
    // Readers wait for nobody in WAL but for a recovery after a crash, writers for a checkpoint of a reader.
    database.pragma('busy_timeout = 5000');
    return wrap(file, database);
  } catch (error) {
    database.close();
    throw error;
  }
}

function setDurable(database: Handle): void {
  database.pragma('journal_mode = WAL');
  // better-sqlite3 is built with NORMAL for WAL, which lost acknowledged commits in every simulated power cut.
  database.pragma('synchronous = FULL');
  // macOS: a plain fsync leaves the bytes in the drive's cache. No effect elsewhere.
  database.pragma('fullfsync = ON');
  database.pragma('foreign_keys = ON');
  // A log that grew under a burst is cut again at the next checkpoint.
  database.pragma('journal_size_limit = 67108864');
}

function wrap(file: string, database: Handle): SqliteConnection {
  // Texts come from a fixed set of templates, so the cache needs no bound.
  const prepared = new Map<string, Prepared>();
  const prepare = (sql: string): Prepared => {
    const known = prepared.get(sql);
    if (known !== undefined) return known;
    const made = database.prepare(sql);
    prepared.set(sql, made);
    return made;
  };
  return {
    file,
    get inTransaction() {
      return database.inTransaction;
    },
    run({ sql, parameters }) {
      const statement = prepare(sql);
      if (statement.reader) {
        const rows = statement.all(...parameters);
        return { rows, changed: rows.length };
      }
      return { rows: [], changed: statement.run(...parameters).changes };
    },
    exec(sql) {
      prepare(sql).run();
    },
    pragma: (text) => database.pragma(text, { simple: true }),
    close: () => void database.close(),
  };
}
