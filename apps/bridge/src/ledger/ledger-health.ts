import { statSync } from 'node:fs';
import { LedgerRefusedError } from './ledger-refused-error';
import { openSqliteConnection } from './sqlite-connection';
import { damagedSentence, isDamage, sqliteCode, toLedgerFault } from './sqlite-fault';

/** Up to here the whole file is read at the start: about a second per 300 MB where it is not cached. */
const wholeCheckBytes = 256 * 1024 * 1024;

/**
 * Looks for damage before anything is written. A large file is checked by its header and schema only: SQLite
 * notices the rest when it comes there.
 * @throws LedgerRefusedError where it is damaged
 */
export function checkHealth(file: string): void {
  const { size } = statSync(file);
  // No ledger of ours is ever empty: the file is made whole under another name and then renamed.
  if (size === 0) throw new LedgerRefusedError(damagedSentence(file));
  const problem =
    size <= wholeCheckBytes ? findDamage(file, 'quick_check(1)') : findDamage(file, 'schema_version');
  if (problem !== null) throw new LedgerRefusedError(`${damagedSentence(file)} (${problem})`);
}

function findDamage(file: string, pragma: 'quick_check(1)' | 'schema_version'): string | null {
  let connection: ReturnType<typeof openSqliteConnection> | undefined;
  try {
    connection = openSqliteConnection(file, 'read');
    const answer = connection.pragma(pragma);
    return pragma === 'schema_version' || answer === 'ok' ? null : String(answer);
  } catch (error) {
    if (isDamage(error)) return sqliteCode(error) ?? null;
    throw toLedgerFault(error, file);
  } finally {
    connection?.close();
  }
}
