import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import type { TemporaryLedger } from '../../test/temporary-ledger';
import { readAddress } from '../postgres-address';
import { openPostgresLedger } from '../postgres-ledger';
import { psql } from './postgres-cluster';

/** A schema that nobody else uses. */
export const newSchema = (): string => `ledger_${randomBytes(6).toString('hex')}`;

/** Runs a text on a server, without the ledger; rows as JSON. */
export function runSql(url: string, schema: string, sql: string): string {
  const { host, port, user, password, database } = readAddress({ url, tls: 'off', ca: null, schema });
  return execFileSync(
    psql,
    ['-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-h', host, '-p', String(port), '-U', user, database],
    {
      input: sql,
      encoding: 'utf8',
      env: {
        ...process.env,
        PGPASSWORD: password,
        PGOPTIONS: `-c search_path=${schema}`,
        PGCLIENTENCODING: 'UTF8',
      },
    },
  );
}

/** A ledger in a schema of its own, gone after `close`. Has what the one over a SQLite file has. */
export async function openTemporaryPostgresLedger(url: string): Promise<TemporaryLedger> {
  const schema = newSchema();
  const clock = { now: 1_000 };
  const { ledger } = await openPostgresLedger({ url, tls: 'off', ca: null, schema, now: () => clock.now });
  const texts: string[] = [];
  const side = new pg.Client({ connectionString: url, options: `-c search_path=${schema}` });
  await side.connect();
  return {
    file: schema,
    ledger: beforeEachCall(ledger, async () => {
      if (texts.length > 0) await side.query(texts.splice(0).join(';'));
    }),
    clock,
    // A program for each text would take most of the time of these tests: they go before the ledger is asked next.
    tamper(sql, ...values) {
      texts.push(filled(sql, values));
    },
    query(sql, ...values) {
      const rows = runSql(
        url,
        schema,
        `select coalesce(json_agg(row_to_json(found)), '[]') from (${filled(sql, values)}) as found`,
      );
      return JSON.parse(rows) as unknown[];
    },
    async close() {
      await ledger.close();
      await side.query(`set client_min_messages = warning; drop schema ${schema} cascade`);
      await side.end();
    },
  };
}

/** The same ledger; `first` is done before each of its methods. */
function beforeEachCall<Part extends object>(part: Part, first: () => Promise<void>): Part {
  const entries = Object.entries(part).map(([key, value]: [string, unknown]) => {
    if (typeof value === 'function') {
      const method = value as (...args: unknown[]) => Promise<unknown>;
      return [key, async (...args: unknown[]) => (await first(), await method(...args))] as const;
    }
    return [key, beforeEachCall(value as object, first)] as const;
  });
  return Object.fromEntries(entries) as Part;
}

/** The text as PostgreSQL reads it: values in their places, and the one function that it calls otherwise. */
function filled(sql: string, values: readonly unknown[]): string {
  const rest = [...values];
  return sql
    .replaceAll(
      'json_each(?)',
      '(select ordinality - 1 as key, value::bigint from json_array_elements_text(?) with ordinality) as elements',
    )
    .replaceAll('?', () => literal(rest.shift()));
}

function literal(value: unknown): string {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : 'null';
}
