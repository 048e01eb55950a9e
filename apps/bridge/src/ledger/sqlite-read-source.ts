import { LedgerUnavailableError } from './ledger-unavailable-error';
import type { ReadSource, RowsOf } from './read-source';
import type { SqliteConnection } from './sqlite-connection';
import { toLedgerFault } from './sqlite-fault';
import type { Statement } from './statement';

/** Reads on a connection of its own, which cannot write and waits for no writer. */
export function createSqliteReadSource(connection: SqliteConnection): ReadSource {
  let closed = false;

  function readAll(statements: readonly Statement[]): readonly (readonly unknown[])[] {
    if (statements.length < 2) return statements.map((statement) => connection.run(statement).rows);
    connection.exec('begin');
    try {
      return statements.map((statement) => connection.run(statement).rows);
    } finally {
      connection.exec('commit');
    }
  }

  return {
    // Synchronous within, so that no other read can come between `begin` and `commit`.
    async read<const Statements extends readonly Statement[]>(
      statements: Statements,
    ): Promise<RowsOf<Statements>> {
      if (closed) throw new LedgerUnavailableError('The ledger is closed: the bridge is stopping.', 'CLOSED');
      try {
        return await Promise.resolve(readAll(statements) as RowsOf<Statements>);
      } catch (error) {
        throw toLedgerFault(error, connection.file);
      }
    },
    close(): Promise<void> {
      if (!closed) connection.close();
      closed = true;
      return Promise.resolve();
    },
  };
}
