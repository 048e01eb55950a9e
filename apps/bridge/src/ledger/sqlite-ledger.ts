import type { Logger } from 'pino';
import { assembleLedger } from './assemble-ledger';
import { createClaimStatements } from './claim-statements';
import { createFairClaims } from './fair-claims';
import type { Ledger } from './ledger';
import { createLedgerFile, makeLedgerDirectory } from './ledger-file';
import { checkHealth } from './ledger-health';
import type { LedgerReader } from './ledger-reader';
import { migrate } from './migrate';
import { refuseMoved } from './move/move-mark';
import type { ProgramExecutor } from './program';
import { rollBackJournal } from './roll-back-journal';
import { createSqliteCompiler } from './sqlite-compiler';
import type { SqliteConnection } from './sqlite-connection';
import { openSqliteConnection } from './sqlite-connection';
import { toLedgerFault } from './sqlite-fault';
import { createSqliteReadSource } from './sqlite-read-source';
import type { OpenWriter } from './sqlite-writer';
import { writerInThisThread } from './sqlite-writer';
import { acquireWriterLock } from './writer-lock';

export interface SqliteLedgerOptions {
  /** Made where it is missing, with its directory. `FILE.lock`, `FILE-wal` and `FILE-shm` stand beside it. */
  readonly file: string;
  /** Epoch ms. */
  readonly now: () => number;
  readonly logger?: Pick<Logger, 'info'>;
  /** Makes ids of due rows; random by default. */
  readonly newId?: () => string;
  /** Where the writing connection lives; in this thread by default. */
  readonly openWriter?: OpenWriter;
  /** Nothing can be written any more, whatever is tried: the process must be started anew. */
  readonly onLost?: (error: Error) => void;
}

/**
 * Opens the embedded ledger for reading and writing; one process may, at a time.
 * @throws LedgerRefusedError where another process writes it, where it is newer, damaged, or was moved to a server
 * @throws LedgerUnavailableError where the file cannot be read or written
 *
 * @example
 * const ledger = await openSqliteLedger({ file: '/var/lib/mft-bridge/ledger.db', now: Date.now });
 */
export async function openSqliteLedger(
  options: SqliteLedgerOptions,
): Promise<Ledger & Pick<LedgerReader, 'audit'>> {
  const { file } = options;
  makeLedgerDirectory(file);
  const lock = acquireWriterLock(file);
  const closers: (() => unknown)[] = [() => lock.release()];
  try {
    refuseMoved(file);
    createLedgerFile(file, options);
    rollBackJournal(file);
    checkHealth(file);
    bringUpToDate(options);
    const { openWriter = writerInThisThread, onLost = () => undefined } = options;
    const writer = await openWriter(file, onLost);
    closers.push(() => writer.close());
    return assemble(options, writer, openSqliteConnection(file, 'read'), () => lock.release());
  } catch (error) {
    for (const close of closers.reverse()) await close();
    throw toLedgerFault(error, file);
  }
}

/** In this thread, before another one writes: whoever fails here tells it as it is. */
function bringUpToDate({ file, now, logger }: SqliteLedgerOptions): void {
  const connection = openSqliteConnection(file, 'write');
  try {
    migrate(connection, { now, ...(logger === undefined ? {} : { logger }) });
  } finally {
    connection.close();
  }
}

function assemble(
  { now, newId }: SqliteLedgerOptions,
  writer: ProgramExecutor,
  reading: SqliteConnection,
  release: () => void,
): Ledger & Pick<LedgerReader, 'audit'> {
  const db = createSqliteCompiler();
  const source = createSqliteReadSource(reading);
  const claim = createFairClaims(createClaimStatements(db), writer, source);
  return assembleLedger({ db, writer, source, claim, now, newId, release });
}
