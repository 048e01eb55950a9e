import { isDeepStrictEqual } from 'node:util';
import { knownVersion, readSchemaVersion } from '../schema-version';
import type { LedgerReader } from '../ledger-reader';
import { LedgerRefusedError } from '../ledger-refused-error';
import type { PostgresTarget } from '../postgres/postgres-address';
import { readAddress } from '../postgres/postgres-address';
import { toPostgresFault } from '../postgres/postgres-fault';
import type { PostgresPool } from '../postgres/postgres-pool';
import { createPostgresPool } from '../postgres/postgres-pool';
import { claimWriting } from '../postgres/writer-claim';
import { readSealFile } from '../seal-file';
import type { SqliteConnection } from '../sqlite-connection';
import { openForReading, openSqliteLedgerReader } from '../sqlite-ledger-reader';
import type { Finding } from '../verify/finding';
import { verifyLedger } from '../verify/verify-ledger';
import { verifyInPool } from '../verify/verify-postgres-ledger';
import type { VerifyCounts, VerifyRowsOptions } from '../verify/verify-rows';
import { acquireWriterLock } from '../writer-lock';
import { compareTables, copyTables } from './copy-tables';
import type { MoveMark } from './move-mark';
import { readMoveMark, refuseMoved, writeMoveMark } from './move-mark';
import type { TargetState } from './move-target';
import { beginCopy, finishCopy, readTargetState } from './move-target';
import { sourceTables } from './source-tables';

export interface MoveLedgerOptions {
  /** The ledger that is moved; it is only read. */
  readonly file: string;
  readonly target: PostgresTarget;
  /** The exported seals, with which both are compared. */
  readonly sealFile: string;
  /** Whether custody has an object. */
  readonly hasObject: (key: string) => Promise<boolean>;
  /** What does not hold already is moved as it is; else nothing is moved. */
  readonly withFindings: boolean;
  /** Epoch ms. */
  readonly now: () => number;
  /** Makes the name of this move. */
  readonly newId: () => string;
  readonly onFinding: (found: Finding) => void;
  /** Carries the bytes to where they are looked for from then on, before the copy becomes a ledger. Absent where they stay. */
  readonly moveCustody?: ((source: MovedSource) => Promise<void>) | undefined;
  /** What is done now, for people. */
  readonly onStep: (text: string) => void;
}

/** What custody needs to know of a ledger that is moved. */
export interface MovedSource {
  /** Undefined where it was never bound to a custody. */
  readonly ledgerId: string | undefined;
  /** Of all objects that should be there. */
  keys(): AsyncIterable<string>;
}

export interface MovedLedger {
  /** Where it is now, for people. */
  readonly to: string;
  /** Rows of each table. Empty where an earlier run had copied it, and only the mark was missing. */
  readonly rows: ReadonlyMap<string, number>;
}

/**
 * Copies a ledger in a file, which nobody writes, to an empty schema of a server, and compares both. Killed at any point
 * and run again it goes on where it ended; until the last transaction no bridge can start on the copy, and from the first
 * row on none can on the file.
 * @throws LedgerRefusedError where a bridge runs, something does not hold, or the target is not empty
 * @throws LedgerUnavailableError where the server cannot be reached
 */
export async function moveLedger(options: MoveLedgerOptions): Promise<MovedLedger> {
  const { file } = options;
  openForReading(file).close();
  const lock = acquireWriterLock(file);
  const pool = createPostgresPool(readAddress(options.target), 2);
  const { name } = pool.address;
  try {
    // Nobody else copies into it, and no bridge writes it.
    const claim = await claimWriting(pool, () => undefined);
    try {
      return await move(options, pool);
    } finally {
      await claim.release();
    }
  } catch (error) {
    throw toPostgresFault(error, name);
  } finally {
    await pool.close();
    lock.release();
  }
}

async function move(options: MoveLedgerOptions, pool: PostgresPool): Promise<MovedLedger> {
  const { file, now, newId, onStep } = options;
  const to = pool.address.name;
  const known = readMoveMark(file);
  const state = await readTargetState(pool);
  checkContinuation(file, known, state, pool);
  const mark: MoveMark = known ?? { id: newId(), to, at: now(), state: 'moving' };
  let rows: ReadonlyMap<string, number> = new Map();
  if (state.is !== 'finished') {
    const connection = openForReading(file);
    try {
      const before = await verifySource(options, connection);
      if (known === undefined) await writeMoveMark(file, mark);
      const tables = sourceTables(connection);
      if (state.is === 'empty') await beginCopy(pool, { id: mark.id, tables, now });
      await copyTables(connection, pool, tables, onStep);
      rows = await compareTables(connection, pool, tables, onStep);
      await verifyTarget(options, pool, before);
      await moveBytes(options);
      await finishCopy(pool, { id: mark.id, at: now() });
    } finally {
      connection.close();
    }
  }
  await writeMoveMark(file, { ...mark, to, state: 'moved' });
  return { to, rows };
}

/** Only this ledger's own move is gone on with. @throws LedgerRefusedError */
function checkContinuation(
  file: string,
  mark: MoveMark | undefined,
  state: TargetState,
  { address: { name, schema } }: PostgresPool,
): void {
  if (state.is === 'empty') {
    // A copy that was dropped is begun anew; one that is somewhere else is not doubled.
    if (mark === undefined || (mark.state === 'moving' && mark.to === name)) return;
    refuseMoved(file);
    return;
  }
  if (mark?.id === state.id) return;
  throw new LedgerRefusedError(
    state.is === 'finished'
      ? `There is a ledger at ${name} already, and two cannot become one. Name another schema.`
      : `At ${name} there is half of another move, or of one that was given up. Where nobody goes on with that one, drop it (DROP SCHEMA ${schema} CASCADE), then run this again.`,
  );
}

/** What the copy must show as well. @throws LedgerRefusedError where something does not hold */
async function verifySource(options: MoveLedgerOptions, connection: SqliteConnection): Promise<VerifyCounts> {
  const { file, withFindings, onStep } = options;
  const version = readSchemaVersion(connection);
  if (version !== knownVersion) {
    throw new LedgerRefusedError(
      `The ledger ${file} is of schema ${version ?? 'none'}; this program moves ${knownVersion}. Start the bridge of this version once, or use a newer one.`,
    );
  }
  onStep(`checking ${file}`);
  let ofCustody = 0;
  const counts = await verifyLedger({
    file,
    ...verifyOptions(options),
    hasObject: options.hasObject,
    onFinding(found) {
      if (found.check === 'custody') ofCustody += 1;
      options.onFinding(found);
    },
  });
  if (counts.findings > 0 && !withFindings) {
    throw new LedgerRefusedError(
      `${counts.findings} findings in ${file}: look at them first, since a copy makes nothing whole. To move it as it is, say --with-findings. Nothing was changed.`,
    );
  }
  return { ...counts, findings: counts.findings - ofCustody };
}

/** The copy is held against the same rules; custody is where it was, and was looked at. */
async function verifyTarget(
  options: MoveLedgerOptions,
  pool: PostgresPool,
  wanted: VerifyCounts,
): Promise<void> {
  const { file, onStep } = options;
  const { name } = pool.address;
  onStep(`checking the copy at ${name}`);
  const found: Finding[] = [];
  const counts = await verifyInPool(pool, {
    ...verifyOptions(options),
    onFinding: (one) => void found.push(one),
  });
  if (isDeepStrictEqual(counts, wanted)) return;
  found.forEach(options.onFinding);
  throw new LedgerRefusedError(
    `The copy at ${name} is not what ${file} is: ${describe(counts)} there, ${describe(wanted)} here. Nothing is in use of it. Drop that schema, run this again, and report it as a fault.`,
  );
}

async function moveBytes({ file, now, moveCustody }: MoveLedgerOptions): Promise<void> {
  if (moveCustody === undefined) return;
  const reader = await openSqliteLedgerReader(file, now);
  try {
    await moveCustody({ ledgerId: await reader.settings.get('ledger-id'), keys: () => storedKeys(reader) });
  } finally {
    await reader.close();
  }
}

async function* storedKeys({ messages }: Pick<LedgerReader, 'messages'>): AsyncGenerator<string, void> {
  for (let after = ''; ;) {
    const page = await messages.storedCustodyKeys({ after, limit: 1_000 });
    for (const { attachmentId, original, sanitized } of page) {
      after = attachmentId;
      yield original;
      if (sanitized !== null) yield sanitized;
    }
    if (page.length === 0) return;
  }
}

const describe = ({ messages, events, seals, findings }: VerifyCounts): string =>
  `${messages} messages, ${events} events, ${seals} seals, ${findings} findings`;

const verifyOptions = ({ sealFile, now, onFinding }: MoveLedgerOptions): VerifyRowsOptions => ({
  now,
  onFinding,
  seals: readSealFile(sealFile, { mayBeMissing: true }),
});
