/**
 * Both ledgers are given the same random programs, and must answer the same and hold the same in every table.
 * `LEDGER_PROGRAMS` says how many.
 */
import { join } from 'node:path';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import pg from 'pg';
import type { Message } from '../../../domain/message';
import type { Stage } from '../../../domain/message-event';
import type { DueWork, Ledger } from '../../ledger';
import { StaleChangeError } from '../../ledger';
import { openSqliteLedger } from '../../sqlite-ledger';
import { draw, legalChange } from '../../test/random-change';
import { countingIds, sampleMessage, taking } from '../../test/sample-message';
import { temporaryDirectory } from '../../test/temporary-ledger';
import { valueTypes } from '../postgres-dialect';
import { openPostgresLedger } from '../postgres-ledger';
import { newSchema } from './temporary-postgres-ledger';
import { describeWithPostgres, testServer } from './test-server';

const wanted = Number(process.env['LEDGER_PROGRAMS'] ?? 1_000);
jest.setTimeout(120_000 + wanted * 100);

// No room runs out: which of several rows of one partner and one instant come first is said by neither.
const room = 1_000_000;
const limits: Readonly<Record<Stage, number>> = {
  acknowledge: room,
  scan: room,
  decide: room,
  deliver: room,
  confirm: room,
  dispose: room,
  reconcile: room,
  command: room,
};
const tables = {
  message: 'id',
  attachment: 'id',
  obligation: 'id',
  delivery: 'id',
  due: 'id',
  event: 'message_id, sequence',
  intake_failure: 'gateway_id',
  setting: 'key',
  seal: 'number',
  command: 'id',
  skipped: 'gateway_id',
  forgotten_event: 'hash',
  forgotten_message: 'message_id',
};

const step = fc.record({
  kind: fc.nat(15),
  pick: fc.nat(1_000),
  text: fc.string({ unit: 'binary', maxLength: 12 }),
  draws: fc.array(draw, { minLength: 1, maxLength: 3 }),
});
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

/** What one side knows: messages as last written, some of them out of date, and work that it claimed. */
interface Side {
  readonly ledger: Ledger;
  readonly seen: Message[];
  readonly claimed: DueWork[];
}

const byText = (rows: readonly unknown[]): string[] => rows.map((row) => JSON.stringify(row)).sort();

async function act(side: Side, { kind, pick, text, draws }: Step, at: number): Promise<unknown> {
  const { ledger, seen, claimed } = side;
  const message = seen[pick % Math.max(1, seen.length)];
  const work = claimed[pick % Math.max(1, claimed.length)];
  if (kind === 0 || message === undefined) {
    const sample = sampleMessage(`m${String(seen.length)}`, { attachments: pick % 3, takenAt: at });
    seen.push(sample.message);
    return ledger.commit(taking(sample, at));
  }
  const commit = async (done?: DueWork): Promise<void> => {
    const change = legalChange(message, draws);
    if (change === undefined) return;
    await ledger.commit({ ...change, at, ...(done === undefined ? {} : { done }) });
    // One in five is kept as it was: what is built on it later is stale.
    if (pick % 5 !== 0) seen[seen.indexOf(message)] = change.after;
  };
  if (kind < 6) return commit();
  if (kind === 6) return commit(work);
  if (kind === 7) {
    const taken = await ledger.due.claim({ limits, now: at, leaseMs: pick % 50 });
    claimed.push(...taken);
    claimed.sort((one, other) => (one.id < other.id ? -1 : 1));
    return byText(taken);
  }
  if (kind === 8 && work !== undefined)
    return ledger.due.postpone(work, { dueAt: at + (pick % 40), why: text, failed: pick % 2 === 0 });
  if (kind === 9 && work !== undefined) return ledger.due.finish(work);
  if (kind === 10) return ledger.due.hasten({ kinds: ['scan', 'deliver'], why: text.slice(0, 1), at });
  if (kind === 11) return ledger.intakeFailures.record(`<${String(pick % 7)}>`, text, at, at + pick);
  if (kind === 12) return ledger.settings.set(`key${String(pick % 5)}`, text);
  if (kind === 13) return ledger.skipped.add(text, at);
  if (kind === 14) return ledger.seals.seal(at);
  if (pick % 3 === 0) return ledger.due.voidLeases(at);
  await ledger.commands.ask({
    id: `command-${String(at)}`,
    kind: 'legal-hold',
    messageId: message.id,
    argument: { text },
    actor: text,
    askedAt: at,
  });
  return ledger.commands.conclude(`command-${String(pick)}`, { done: true, text }, at);
}

async function answerOf(side: Side, drawn: Step, at: number): Promise<unknown> {
  try {
    return (await act(side, drawn, at)) ?? 'done';
  } catch (error) {
    if (error instanceof StaleChangeError) return 'stale';
    throw error;
  }
}

describeWithPostgres('both ledgers', () => {
  const server = testServer();

  test('answer the same, and hold the same', async () => {
    const directory = temporaryDirectory();
    const file = join(directory.path, 'ledger.db');
    const schema = newSchema();
    const now = (): number => 1_000;
    const sqlite = await openSqliteLedger({ file, now, newId: countingIds('due') });
    const target = { url: server.url, tls: 'off', ca: null, schema } as const;
    const { ledger: postgres } = await openPostgresLedger({ ...target, now, newId: countingIds('due') });
    const one: Side = { ledger: sqlite, seen: [], claimed: [] };
    const other: Side = { ledger: postgres, seen: [], claimed: [] };
    const seed = Number(process.env['LEDGER_SEED'] ?? Date.now() % 1_000_000);
    const counts = new Map<string, number>();
    let at = 1_000;
    for (const drawn of fc.sample(step, { numRuns: wanted, seed })) {
      at += 1;
      const answers = [await answerOf(one, drawn, at), await answerOf(other, drawn, at)];
      const place = `seed ${String(seed)}, program ${String(at - 1_000)}`;
      expect({ place, answer: answers[1] }).toEqual({ place, answer: answers[0] });
      const word = typeof answers[0] === 'string' ? answers[0] : 'rows';
      counts.set(word, (counts.get(word) ?? 0) + 1);
    }
    const found = await Promise.all(one.seen.map(({ id }) => postgres.messages.summary(id)));
    expect(found).toEqual(await Promise.all(one.seen.map(({ id }) => sqlite.messages.summary(id))));
    // Whoever is not the writer any more finds his commits stale, and both say so.
    expect(counts.get('stale')).toBeGreaterThan(wanted / 100);
    expect(counts.get('done')).toBeGreaterThan(wanted / 4);

    const database = new Database(file, { readonly: true });
    const client = new pg.Client({
      connectionString: server.url,
      options: `-c search_path=${schema}`,
      types: valueTypes,
    });
    await client.connect();
    for (const [table, order] of Object.entries(tables)) {
      const isOurs = table === 'setting' ? `where key <> 'writer'` : '';
      const sql = `select * from ${table} ${isOurs} order by ${order}`;
      expect({ table, rows: (await client.query(sql)).rows }).toEqual({
        table,
        rows: database.prepare(sql).all(),
      });
    }
    database.close();
    await client.query(`set client_min_messages = warning; drop schema ${schema} cascade`);
    await client.end();
    await sqlite.close();
    await postgres.close();
    directory.remove();
  });
});
