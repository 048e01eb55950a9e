import { join } from 'node:path';
import Database from 'better-sqlite3';
import pg from 'pg';
import type { PostgresTarget } from '../../postgres/postgres-address';
import { valueTypes } from '../../postgres/postgres-dialect';
import { newSchema, runSql } from '../../postgres/test/temporary-postgres-ledger';
import { openSealer } from '../../sealer';
import { openSqliteLedger } from '../../sqlite-ledger';
import { sampleMessage, taking } from '../../test/sample-message';
import { temporaryDirectory } from '../../test/temporary-ledger';
import { moveLedger } from '../move-ledger';
import type { MovedLedger, MoveLedgerOptions } from '../move-ledger';

const log = { info: () => undefined, error: () => undefined };

type Opened = Awaited<ReturnType<typeof openSqliteLedger>>;

/** Where a test's ledgers are. */
export interface MovePlaces {
  readonly directory: string;
  readonly file: string;
  readonly sealFile: string;
  readonly target: PostgresTarget;
  /** What the moves said. */
  readonly steps: readonly string[];
}

export interface MoveFixture {
  places(): MovePlaces;
  moveIt(changes?: Partial<MoveLedgerOptions>): Promise<MovedLedger>;
  /** Opens the ledger in the file for a while. */
  inFile(body: (ledger: Opened) => Promise<void>): Promise<void>;
  /** Messages with their parts, work in hand, and something in every other table; all of it sealed. */
  fill(messages?: number): Promise<void>;
  /** All rows of both, as each gives them. */
  rowsOfBoth(): Promise<{ file: unknown; server: unknown }>;
}

/** A file and a schema of their own for each test of the suite that calls this. */
export function moveFixture(server: { readonly url: string }, now: () => number): MoveFixture {
  let directory: ReturnType<typeof temporaryDirectory>;
  let file: string;
  let sealFile: string;
  let target: PostgresTarget;
  let steps: string[];

  beforeEach(() => {
    directory = temporaryDirectory();
    file = join(directory.path, 'ledger.sqlite');
    sealFile = join(directory.path, 'seals.jsonl');
    target = { url: server.url, tls: 'off', ca: null, schema: newSchema() };
    steps = [];
  });
  afterEach(() => {
    runSql(
      server.url,
      'public',
      `set client_min_messages = warning; drop schema if exists ${target.schema} cascade`,
    );
    directory.remove();
  });

  const optionsOf = (changes: Partial<MoveLedgerOptions> = {}): MoveLedgerOptions => ({
    file,
    target,
    sealFile,
    hasObject: () => Promise.resolve(true),
    withFindings: false,
    now,
    newId: () => 'this-move',
    onFinding: () => undefined,
    onStep: (text) => void steps.push(text),
    ...changes,
  });
  const moveIt = (changes: Partial<MoveLedgerOptions> = {}): Promise<MovedLedger> =>
    moveLedger(optionsOf(changes));

  async function inFile(body: (ledger: Opened) => Promise<void>): Promise<void> {
    const ledger = await openSqliteLedger({ file, now });
    try {
      await body(ledger);
    } finally {
      await ledger.close();
    }
  }

  async function fill(messages = 12): Promise<void> {
    await inFile(async (ledger) => {
      const sealer = await openSealer({ ledger, file: sealFile, intervalMs: 5_000, now, log });
      for (let index = 0; index < messages; index += 1)
        await ledger.commit(
          taking(
            sampleMessage(`m${index}`, { name: `umlaut ä, 名前, nul \u0000, \u0001\u0002, \u0010.xml` }),
          ),
        );
      await ledger.due.claim({ limits: { scan: 3 }, now: 60_000, leaseMs: 3_600_000 });
      await ledger.intakeFailures.record('<broken@acme>', 'no such attachment', 1, 2.5);
      await ledger.skipped.add('<old\u0000@acme>', 5);
      await ledger.settings.set('ledger-id', 'abc');
      await ledger.commands.ask({
        id: 'c'.repeat(32),
        kind: 'legal-hold',
        messageId: sampleMessage('m0').message.id,
        argument: { on: true },
        actor: 'somebody',
        askedAt: 7,
      });
      await sealer.stop();
    });
  }

  async function rowsOfBoth(): Promise<{ file: unknown; server: unknown }> {
    const database = new Database(file, { readonly: true });
    const client = new pg.Client({
      connectionString: server.url,
      options: `-c search_path=${target.schema}`,
      types: valueTypes,
    });
    await client.connect();
    const tables = database
      .prepare(`select name from sqlite_schema where type = 'table' and name <> 'schema_version'`)
      .all() as { name: string }[];
    const inOrder = (rows: readonly unknown[]): string[] => rows.map((row) => JSON.stringify(row)).sort();
    const both = { file: {} as Record<string, unknown>, server: {} as Record<string, unknown> };
    for (const { name } of tables) {
      const columns = (
        database.prepare(`select name from pragma_table_info(?)`).all(name) as { name: string }[]
      )
        .map((column) => `"${column.name}"`)
        .join(', ');
      const sql = `select ${columns} from "${name}"`;
      both.file[name] = inOrder(database.prepare(sql).all());
      both.server[name] = inOrder((await client.query(sql)).rows);
    }
    database.close();
    await client.end();
    return both;
  }

  return {
    places: () => ({ directory: directory.path, file, sealFile, target, steps }),
    moveIt,
    inFile,
    fill,
    rowsOfBoth,
  };
}
