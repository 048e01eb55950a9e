import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { openPostgresLedgerReader } from '../../../src/ledger/postgres/postgres-ledger-reader';
import { psql } from '../../../src/ledger/postgres/test/postgres-cluster';
import { newSchema } from '../../../src/ledger/postgres/test/temporary-postgres-ledger';
import type { MakeLedger } from './chaos-ledger';

/** A server, at the address at which it is at this moment. */
export interface PostgresServer {
  readonly port: number;
}

export interface PostgresLedgerOptions {
  /** Keys of the section beside `url`, `tls` and `schema`. */
  readonly keys?: Readonly<Record<string, unknown>>;
  /** Where the bridge finds the server, if not where we do: something may stand between. */
  readonly bridgePort?: number;
}

const everyTable = `select table_name as name from information_schema.tables where table_schema = $1`;

/** Index entries against their rows, and each row and page by itself; both say nothing of what is sound. */
const everyIndex = `select c.oid::regclass::text as name, bt_index_check(c.oid, true)
  from pg_index i join pg_class c on c.oid = i.indexrelid join pg_am a on a.oid = c.relam
  where a.amname = 'btree' and c.relnamespace = $1::regnamespace`;
const everyHeap = `select c.relname as name, h.blkno, h.msg from pg_class c, lateral verify_heapam(c.oid) h
  where c.relkind = 'r' and c.relnamespace = $1::regnamespace`;

/** One that comes with the server. */
async function runProgram(name: string, args: readonly string[]): Promise<void> {
  const program = psql === 'psql' ? name : join(dirname(psql), name);
  await promisify(execFile)(program, args, { maxBuffer: 1e8 });
}

/** Ledgers of one schema each on a server. */
export function makePostgresLedger(
  server: PostgresServer,
  { keys = { singleNode: true }, bridgePort }: PostgresLedgerOptions = {},
): MakeLedger {
  return ({ password }) => {
    const schema = newSchema();
    const urlAt = (port: number): string =>
      `postgres://ledger:${password}@127.0.0.1:${String(port)}/postgres`;

    async function ask<Row extends pg.QueryResultRow>(sql: string, ...values: unknown[]): Promise<Row[]> {
      const client = new pg.Client({
        connectionString: urlAt(server.port),
        options: `-c search_path=${schema},public`,
      });
      client.on('error', () => undefined);
      await client.connect();
      try {
        return (await client.query<Row>(sql, values)).rows;
      } finally {
        await client.end();
      }
    }

    return Promise.resolve({
      kind: 'postgres',
      section: { postgres: { url: { env: 'RIG_LEDGER_URL' }, tls: 'off', schema, ...keys } },
      env: { RIG_LEDGER_URL: urlAt(bridgePort ?? server.port) },
      openReader: () => openPostgresLedgerReader({ url: urlAt(server.port), tls: 'off', ca: null, schema }),
      async sealedHashes(seal) {
        const rows = await ask<{ hash: string }>('select hash from event where seal = $1', seal);
        return rows.map(({ hash }) => hash);
      },
      async faults() {
        await ask('create extension if not exists amcheck schema public');
        try {
          await ask(everyIndex, schema);
        } catch (error) {
          return [`PostgreSQL says of an index: ${String(error)}`];
        }
        const rows = await ask<{ name: string; msg: string }>(everyHeap, schema);
        return rows.map(({ name, msg }) => `PostgreSQL says of the table ${name}: ${msg}`);
      },
      async stored() {
        const tables = await ask<{ name: string }>(everyTable, schema);
        return Promise.all(
          tables.map(async ({ name }) => {
            const rows = await ask<{ text: string }>(
              `select row_to_json(r)::text as text from ${pg.escapeIdentifier(name)} r`,
            );
            return { place: `the table ${name}`, text: rows.map(({ text }) => text).join('\n') };
          }),
        );
      },
      backups: {
        async dump(file) {
          await runProgram('pg_dump', [urlAt(server.port), '-n', schema, '-f', file]);
        },
        async load(file) {
          const cleared = ['-c', `set client_min_messages = warning; drop schema ${schema} cascade`];
          const once = ['-X', '-q', '-1', '-v', 'ON_ERROR_STOP=1'];
          await runProgram('psql', [urlAt(server.port), ...once, ...cleared, '-f', file]);
        },
      },
      async close() {
        await ask(`set client_min_messages = warning; drop schema if exists ${schema} cascade`);
      },
    });
  };
}
