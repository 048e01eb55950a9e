import { chmod, link, rm } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { LedgerRefusedError } from './ledger-refused-error';
import { openSqliteConnection } from './sqlite-connection';
import { toLedgerFault } from './sqlite-fault';
import { openForReading } from './sqlite-ledger-reader';
import { syncFile } from './sync-file';

/**
 * Copies the ledger to a new file (mode 0600), beside a bridge that writes it or without one: all that was committed when
 * it began, and nothing half. Neither custody nor its keys are in it.
 * @throws LedgerRefusedError where there is no ledger, or the target exists
 * @throws LedgerUnavailableError where it cannot be read or written
 *
 * @example
 * await backupLedger('/var/lib/mft-bridge/ledger.sqlite', '/backup/ledger-2026-01-31.sqlite');
 */
export async function backupLedger(file: string, target: string): Promise<void> {
  openForReading(file).close();
  refuseExisting(target);
  const draft = `${target}.part`;
  try {
    await copy(file, draft);
    finish(draft);
    await chmod(draft, 0o600);
    await syncFile(draft);
    // A link never overwrites what somebody put there meanwhile.
    await link(draft, target).catch((error: unknown) => {
      refuseExisting(target);
      throw error;
    });
  } catch (error) {
    throw toLedgerFault(error, target);
  } finally {
    for (const suffix of ['', '-wal', '-shm', '-journal']) await rm(`${draft}${suffix}`, { force: true });
  }
  await syncFile(dirname(target));
}

function refuseExisting(target: string): void {
  if (existsSync(target))
    throw new LedgerRefusedError(
      `${target} exists already, and a backup never overwrites. Name another file.`,
    );
}

async function copy(file: string, draft: string): Promise<void> {
  const source = new Database(file, { readonly: true, fileMustExist: true });
  try {
    source.pragma('busy_timeout = 5000');
    // The snapshot is held for the whole copy: without it each commit of the bridge would begin the copy anew.
    source.exec('begin');
    source.prepare('select count(*) from schema_version').get();
    await source.backup(draft);
    source.exec('commit');
  } finally {
    source.close();
  }
}

/** One file, with no log beside it, that was read through once. */
function finish(draft: string): void {
  const connection = openSqliteConnection(draft, 'write');
  try {
    const answer = connection.pragma('integrity_check(1)');
    if (answer !== 'ok')
      throw new LedgerRefusedError(
        `The copy is damaged (${String(answer)}), and with it the ledger. Nothing was kept of it; run "mft-bridge ledger verify".`,
      );
    connection.pragma('journal_mode = DELETE');
  } finally {
    connection.close();
  }
}
