import type { Kysely } from 'kysely';
import { aggregateRead } from '../aggregate-read';
import type { ReadSource } from '../read-source';
import type { Seal } from '../seal';
import { createSealReads } from '../seal-ledger';
import { openForReading } from '../sqlite-ledger-reader';
import { createSqliteCompiler } from '../sqlite-compiler';
import type { SqliteConnection } from '../sqlite-connection';
import { damagedSentence } from '../sqlite-fault';
import type { Statement } from '../statement';
import { template } from '../statement';
import type { EventRow, MessageRow, Tables } from '../tables';
import { decodeTimeline } from '../audit-reads';
import { checkMessage } from './check-message';
import { checkSealFile, createSealCheck } from './check-seals';
import type { Finding } from './finding';
import { finding } from './finding';

/** Messages in one snapshot: a longer one would keep the log from being written back beside a running bridge. */
const pageSize = 200;

export interface VerifyOptions {
  readonly file: string;
  /** Epoch ms. */
  readonly now: () => number;
  /** Whether custody has an object; absent where that is not to be looked at. */
  readonly hasObject?: (key: string) => Promise<boolean>;
  /** The exported seals. */
  readonly seals?: AsyncIterable<Seal>;
  readonly onFinding: (found: Finding) => void;
}

export interface VerifyCounts {
  readonly messages: number;
  readonly events: number;
  readonly seals: number;
  readonly findings: number;
}

/**
 * Checks everything that must always hold in a ledger, beside a bridge that writes it or without one. Reads only.
 * @throws LedgerRefusedError where there is none, or it is of another version
 */
export async function verifyLedger(options: VerifyOptions): Promise<VerifyCounts> {
  const connection = openForReading(options.file);
  let findings = 0;
  const report = (found: readonly Finding[]): void => {
    findings += found.length;
    found.forEach(options.onFinding);
  };
  try {
    const damage = connection.pragma('integrity_check(1)');
    if (damage !== 'ok') {
      report([finding('file', null, `${damagedSentence(options.file)} (${String(damage)})`)]);
      return { messages: 0, events: 0, seals: 0, findings };
    }
    const db = createSqliteCompiler();
    const seals = await checkSeals(db, connection, options, report);
    const messages = await checkMessages(db, connection, options, report);
    report(checkClaims(db, connection));
    return { ...messages, seals, findings };
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

/** All reads within are of one snapshot. */
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

async function checkSeals(
  db: Kysely<Tables>,
  connection: SqliteConnection,
  { seals: exported, now }: VerifyOptions,
  report: (found: readonly Finding[]) => void,
): Promise<number> {
  const hashes = template<{ seal: number }, { hash: string }>((slot) =>
    db
      .selectFrom('event')
      .select('hash')
      .where('seal', '=', slot('seal'))
      .unionAll(db.selectFrom('forgotten_event').select('hash').where('seal', '=', slot('seal')))
      .compile(),
  );
  const source = sourceOf(connection);
  const reads = createSealReads(db, source);
  const check = createSealCheck();
  let last = 0;
  for (let more = true; more;) {
    more = await inSnapshot(connection, async () => {
      const page = await reads.list({ after: last, limit: pageSize });
      for (const seal of page) {
        const [rows] = await source.read([hashes({ seal: seal.number })]);
        report(
          check.next(
            seal,
            rows.map(({ hash }) => hash),
          ),
        );
        last = seal.number;
      }
      return page.length > 0;
    });
  }
  if (exported !== undefined) {
    const lookUp = (number: number): Promise<Seal | undefined> =>
      inSnapshot(connection, async () => {
        const [seal] = await reads.list({ after: number - 1, limit: 1 });
        return seal?.number === number ? seal : undefined;
      });
    report(await checkSealFile(exported, lookUp, now()));
  }
  return last;
}

async function checkMessages(
  db: Kysely<Tables>,
  connection: SqliteConnection,
  { hasObject }: VerifyOptions,
  report: (found: readonly Finding[]) => void,
): Promise<Pick<VerifyCounts, 'messages' | 'events'>> {
  interface Page {
    after: string;
    limit: number;
  }
  const aggregates = aggregateRead<Page>(
    db,
    (from, slot) =>
      from
        .selectFrom('message')
        .select('message.id')
        .where('message.id', '>', slot('after'))
        .orderBy('message.id')
        .limit(slot('limit')),
    'asc',
  );
  const rows = template<Page, Pick<MessageRow, 'id' | 'settled_at' | 'head_sequence' | 'head_hash'>>((slot) =>
    db
      .selectFrom('message')
      .select(['id', 'settled_at', 'head_sequence', 'head_hash'])
      .where('id', '>', slot('after'))
      .orderBy('id')
      .limit(slot('limit'))
      .compile(),
  );
  const events = template<{ id: string }, EventRow>((slot) =>
    db.selectFrom('event').selectAll().where('message_id', '=', slot('id')).orderBy('sequence').compile(),
  );
  const source = sourceOf(connection);
  const counts = { messages: 0, events: 0 };
  for (let after = ''; ;) {
    const page = await inSnapshot(connection, async () => {
      const [heads] = await source.read([rows({ after, limit: pageSize })]);
      const stored = new Map(
        (await aggregates(source, { after, limit: pageSize })).map((one) => [one.message.id, one]),
      );
      for (const { id, settled_at: settledAt, head_sequence: sequence, head_hash: hash } of heads) {
        const one = stored.get(id);
        if (one === undefined) continue;
        const [entries] = await source.read([events({ id })]);
        counts.messages += 1;
        counts.events += entries.length;
        const timeline = decodeTimeline(entries);
        report(checkMessage({ ...one, settledAt, head: { sequence, hash }, timeline }));
      }
      return { last: heads.at(-1)?.id, messages: [...stored.values()].map(({ message }) => message) };
    });
    if (page.last === undefined) return counts;
    after = page.last;
    if (hasObject === undefined) continue;
    // Outside of the snapshot: looking at a disk may take its time.
    for (const { id, bytesRemoved, attachments } of page.messages) {
      if (bytesRemoved) continue;
      for (const { custodyKey, name, scan } of attachments) {
        for (const key of [custodyKey, ...(scan.sanitized === null ? [] : [scan.sanitized.custodyKey])]) {
          if ((await hasObject(key)) || !isWanted(connection, id)) continue;
          report([finding('custody', id, `object ${key} (${JSON.stringify(name)}) is missing from custody`)]);
        }
      }
    }
  }
}

/** Retention may have taken the bytes since the message was read. */
function isWanted(connection: SqliteConnection, messageId: string): boolean {
  const sql = 'select bytes_removed as removed from message where id = ?';
  const [row] = connection.run({ sql, parameters: [messageId] }).rows;
  return (row as { removed: number } | undefined)?.removed === 0;
}

function checkClaims(db: Kysely<Tables>, connection: SqliteConnection): Finding[] {
  const query = db
    .selectFrom('delivery')
    .select(['destination', 'claimed_id as id'])
    .where('claimed_id', 'is not', null)
    .groupBy(['destination', 'claimed_id'])
    .having((row) => row.fn.countAll(), '>', 1)
    .compile();
  return connection.run(query).rows.map((row) => {
    const { destination, id } = row as { destination: string; id: string };
    return finding('claim', null, `${id} at ${destination} is claimed by more than one delivery`);
  });
}
