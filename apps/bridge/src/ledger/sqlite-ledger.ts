import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import { chainStart } from './chain';
import { commitProgram } from './commit-program';
import { createCommandWrites } from './command-ledger';
import { createDueStatements } from './due-statements';
import { createDueWrites } from './due-ledger';
import { createIntakeFailureWrites } from './intake-failure-ledger';
import type { Ledger } from './ledger';
import { StaleChangeError } from './ledger';
import { createLedgerFile, makeLedgerDirectory } from './ledger-file';
import { checkHealth } from './ledger-health';
import type { LedgerReader } from './ledger-reader';
import { createLedgerReader } from './ledger-reader';
import { rememberMessages } from './message-memory';
import { migrate } from './migrate';
import type { ProgramExecutor } from './program';
import { createRowStatements } from './row-statements';
import { createSettingWrites } from './setting-ledger';
import { createSkippedWrites } from './skipped-ledger';
import { createSqliteCompiler } from './sqlite-compiler';
import type { SqliteConnection } from './sqlite-connection';
import { openSqliteConnection } from './sqlite-connection';
import { toLedgerFault } from './sqlite-fault';
import { createSqliteReadSource } from './sqlite-read-source';
import { createSqliteWriter } from './sqlite-writer';
import { acquireWriterLock } from './writer-lock';

export interface SqliteLedgerOptions {
  /** Made where it is missing, with its directory. `FILE.lock`, `FILE-wal` and `FILE-shm` stand beside it. */
  readonly file: string;
  /** Epoch ms. */
  readonly now: () => number;
  readonly logger?: Pick<Logger, 'info'>;
  /** Makes ids of due rows; random by default. */
  readonly newId?: () => string;
}

/**
 * Opens the embedded ledger for reading and writing; one process may, at a time.
 * @throws LedgerRefusedError where another process writes it, where it is newer, or damaged
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
  const opened: SqliteConnection[] = [];
  try {
    createLedgerFile(file, options);
    checkHealth(file);
    const writing = openSqliteConnection(file, 'write');
    opened.push(writing);
    migrate(writing, options);
    const reading = openSqliteConnection(file, 'read');
    opened.push(reading);
    return await Promise.resolve(assemble(options, writing, reading, () => lock.release()));
  } catch (error) {
    for (const connection of opened) connection.close();
    lock.release();
    throw toLedgerFault(error, file);
  }
}

function assemble(
  { now, newId = () => randomUUID().replaceAll('-', '') }: SqliteLedgerOptions,
  writing: SqliteConnection,
  reading: SqliteConnection,
  release: () => void,
): Ledger & Pick<LedgerReader, 'audit'> {
  const db = createSqliteCompiler();
  const writer = createSqliteWriter(writing);
  const source = createSqliteReadSource(reading);
  const reader = createLedgerReader(db, source, now);
  const due = createDueStatements(db);
  const tools = { rows: createRowStatements(db), due, newId };
  const { commit, load } = rememberMessages({
    commit: createCommit(reader, writer, tools),
    load: reader.messages.load,
  });
  return {
    ...reader,
    commit,
    messages: { ...reader.messages, load },
    due: { ...reader.due, ...createDueWrites(due, writer, source) },
    intakeFailures: { ...reader.intakeFailures, ...createIntakeFailureWrites(db, writer) },
    skipped: { ...reader.skipped, ...createSkippedWrites(db, writer) },
    commands: { ...reader.commands, ...createCommandWrites(db, writer, source, tools) },
    settings: { ...reader.settings, ...createSettingWrites(db, writer) },
    async close() {
      // The writer last: it writes the log back into the file when nobody else has it open.
      await reader.close();
      await writer.close();
      release();
    },
  };
}

function createCommit(
  { audit }: Pick<LedgerReader, 'audit'>,
  executor: ProgramExecutor,
  tools: Parameters<typeof commitProgram>[0],
): Ledger['commit'] {
  return async (change) => {
    const { before } = change;
    const head = before === undefined ? undefined : await audit.head(before.id);
    if (before !== undefined && head?.revision !== before.revision) {
      throw new StaleChangeError(
        `message ${before.id} is at revision ${head?.revision ?? 'none'}, no longer at ${before.revision}`,
      );
    }
    await executor.run(commitProgram(tools, change, head ?? chainStart));
  };
}
