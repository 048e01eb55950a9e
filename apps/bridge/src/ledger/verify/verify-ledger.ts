import type { ReadSource } from '../read-source';
import { createSqliteCompiler } from '../sqlite-compiler';
import type { SqliteConnection } from '../sqlite-connection';
import { damagedSentence } from '../sqlite-fault';
import { openForReading } from '../sqlite-ledger-reader';
import type { Statement } from '../statement';
import { finding } from './finding';
import type { VerifyCounts, VerifyRowsOptions } from './verify-rows';
import { verifyRows } from './verify-rows';

export interface VerifyOptions extends VerifyRowsOptions {
  readonly file: string;
}

/**
 * Checks everything that must always hold in a ledger in a file, beside a bridge that writes it or without one. Reads
 * only.
 * @throws LedgerRefusedError where there is none, or it is of another version
 */
export async function verifyLedger({ file, ...options }: VerifyOptions): Promise<VerifyCounts> {
  const connection = openForReading(file);
  try {
    const damage = connection.pragma('integrity_check(1)');
    if (damage !== 'ok') {
      options.onFinding(finding('file', null, `${damagedSentence(file)} (${String(damage)})`));
      return { messages: 0, events: 0, seals: 0, forgotten: 0, findings: 1 };
    }
    const source = sourceOf(connection);
    return await verifyRows(
      {
        db: createSqliteCompiler(),
        inSnapshot: (body) => inSnapshot(connection, () => body(source)),
        present: source,
      },
      options,
    );
  } finally {
    connection.close();
  }
}

/** Begins no snapshot of its own, so that several reads can be of one. */
const sourceOf = (connection: SqliteConnection): ReadSource => ({
  read: (statements) =>
    Promise.resolve(statements.map((statement: Statement) => connection.run(statement).rows) as never),
  close: () => Promise.resolve(),
});

/** One for each page: a longer one would keep the log from being written back beside a running bridge. */
async function inSnapshot<Result>(
  connection: SqliteConnection,
  body: () => Promise<Result>,
): Promise<Result> {
  connection.exec('begin');
  try {
    return await body();
  } finally {
    connection.exec('commit');
  }
}
