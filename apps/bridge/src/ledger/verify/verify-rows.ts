import type { Kysely } from 'kysely';
import type { StoredMessage } from '../aggregate-read';
import { aggregateRead } from '../aggregate-read';
import { decodeTimeline } from '../audit-reads';
import type { ReadSource } from '../read-source';
import type { Seal } from '../seal';
import { createSealReads } from '../seal-ledger';
import { template } from '../statement';
import type { EventRow, MessageRow, Tables } from '../tables';
import { checkClaims } from './check-claims';
import type { MessageFacts } from './check-message';
import { checkMessage } from './check-message';
import type { ObjectLook } from './check-objects';
import { checkObjects } from './check-objects';
import { checkOrphans } from './check-orphans';
import { checkRemovals } from './check-removals';
import { checkSealFile, createSealCheck } from './check-seals';
import type { Finding } from './finding';
import { finding } from './finding';

/** Messages that are looked at together. */
const pageSize = 200;

/** Where the rows are that are checked. */
export interface VerifySource {
  /** Compiles for the database. */
  readonly db: Kysely<Tables>;
  /** All reads within are of one snapshot; those of several calls may be. */
  inSnapshot<Result>(body: (source: ReadSource) => Promise<Result>): Promise<Result>;
  /** What is committed by now, beside any snapshot. */
  readonly present: ReadSource;
}

export interface VerifyRowsOptions {
  /** Epoch ms. */
  readonly now: () => number;
  /** Whether custody has an object; absent where that is not to be looked at. */
  readonly hasObject?: ObjectLook['hasObject'];
  /** The plain bytes of an object; absent where custody is not to be read. */
  readonly readObject?: ObjectLook['readObject'];
  /** Told of what was read of custody. */
  readonly onRead?: ObjectLook['onRead'];
  /** After how many ms work of a stage is overdue; absent where that is not known. */
  readonly deadlines?: MessageFacts['deadlines'];
  /** For how long, in ms, retention keeps a message at least; absent where that is not known. */
  readonly keptMs?: number;
  /** The exported seals. */
  readonly seals?: AsyncIterable<Seal>;
  readonly onFinding: (found: Finding) => void;
}

export interface VerifyCounts {
  readonly messages: number;
  readonly events: number;
  readonly seals: number;
  /** Records of messages that retention forgot. */
  readonly forgotten: number;
  readonly findings: number;
}

/** Checks everything that must always hold between the rows of a ledger, wherever they are. Reads only. */
export async function verifyRows(source: VerifySource, options: VerifyRowsOptions): Promise<VerifyCounts> {
  let findings = 0;
  const report = (found: readonly Finding[]): void => {
    findings += found.length;
    found.forEach(options.onFinding);
  };
  const seals = await checkSeals(source, options, report);
  const messages = await checkMessages(source, options, report);
  report(await source.inSnapshot((snapshot) => checkClaims(source.db, snapshot)));
  report(await source.inSnapshot((snapshot) => checkOrphans(source.db, snapshot)));
  const facts = { now: options.now(), keptMs: options.keptMs ?? 0 };
  const forgotten = await checkRemovals(source.db, source.inSnapshot, facts, report);
  return { ...messages, seals, forgotten, findings };
}

async function checkSeals(
  { db, inSnapshot, present }: VerifySource,
  { seals: exported, now }: VerifyRowsOptions,
  report: (found: readonly Finding[]) => void,
): Promise<number> {
  const hashes = template<{ seal: number }, { hash: string }>((slot) =>
    db
      .selectFrom('event')
      .select('hash')
      .where('seal', '=', slot('seal'))
      .unionAll(db.selectFrom('forgotten_event').select('hash').where('seal', '=', slot('seal')))
      .unionAll(db.selectFrom('forgotten_message').select('hash').where('seal', '=', slot('seal')))
      .compile(),
  );
  const check = createSealCheck();
  let last = 0;
  for (let more = true; more;) {
    more = await inSnapshot(async (source) => {
      const page = await createSealReads(db, source).list({ after: last, limit: pageSize });
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
    // Beside a running bridge the file goes on: an old snapshot would not know its last seals.
    const reads = createSealReads(db, present);
    const lookUp = async (number: number): Promise<Seal | undefined> => {
      const [seal] = await reads.list({ after: number - 1, limit: 1 });
      return seal?.number === number ? seal : undefined;
    };
    report(await checkSealFile(exported, lookUp, now()));
  }
  return last;
}

interface Page {
  readonly after: string;
  readonly limit: number;
}

async function checkMessages(
  { db, inSnapshot, present }: VerifySource,
  { hasObject, readObject, onRead, now, deadlines = {} }: VerifyRowsOptions,
  report: (found: readonly Finding[]) => void,
): Promise<Pick<VerifyCounts, 'messages' | 'events'>> {
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
  const isWanted = createWanted(db, present);
  const counts = { messages: 0, events: 0 };
  for (let after = ''; ;) {
    const page = await inSnapshot(async (source) => {
      const [heads] = await source.read([rows({ after, limit: pageSize })]);
      const ids = heads.map(({ id }) => id);
      const read = (values: Page): Promise<readonly StoredMessage[]> => aggregates(source, values);
      const stored = await readAggregates(read, { after, ids, limit: pageSize }, report);
      // Asked together: a server answers all in one round trip.
      const chains = await source.read(ids.map((id) => events({ id })));
      for (const [index, head] of heads.entries()) {
        const { id, settled_at: settledAt, head_sequence: sequence, head_hash: hash } = head;
        const one = stored.get(id);
        if (one === undefined) continue;
        const entries = chains[index] ?? [];
        counts.messages += 1;
        counts.events += entries.length;
        const timeline = decodeTimeline(entries);
        report(
          checkMessage({ ...one, settledAt, head: { sequence, hash }, timeline }, { now: now(), deadlines }),
        );
      }
      return { last: heads.at(-1)?.id, messages: [...stored.values()].map(({ message }) => message) };
    });
    if (page.last === undefined) return counts;
    after = page.last;
    if (hasObject === undefined) continue;
    // Outside of the snapshot: looking at a disk may take its time.
    const look = { hasObject, isWanted, ...(readObject && { readObject }), ...(onRead && { onRead }) };
    for (const message of page.messages) report(await checkObjects(message, look));
  }
}

/** All of a page; where a value of one cannot be read any more, one after the other, so that the rest is checked all the same. */
async function readAggregates(
  read: (page: Page) => Promise<readonly StoredMessage[]>,
  { after, ids, limit }: Page & { readonly ids: readonly string[] },
  report: (found: readonly Finding[]) => void,
): Promise<ReadonlyMap<string, StoredMessage>> {
  const byId = (page: readonly StoredMessage[]): Map<string, StoredMessage> =>
    new Map(page.map((one) => [one.message.id, one]));
  try {
    return byId(await read({ after, limit }));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    if (limit === 1) {
      report([finding('state', ids[0] ?? null, `a value of it is no JSON any more: ${error.message}`)]);
      return new Map();
    }
  }
  const found = new Map<string, StoredMessage>();
  for (const [index, id] of ids.entries()) {
    const one = { after: ids[index - 1] ?? after, ids: [id], limit: 1 };
    for (const [key, value] of await readAggregates(read, one, report)) found.set(key, value);
  }
  return found;
}

/** Retention may have taken the bytes since the message was read. */
function createWanted(db: Kysely<Tables>, present: ReadSource): (messageId: string) => Promise<boolean> {
  const byId = template<{ id: string }, Pick<MessageRow, 'bytes_removed'>>((slot) =>
    db.selectFrom('message').select('bytes_removed').where('id', '=', slot('id')).compile(),
  );
  return async (id) => {
    const [[row]] = await present.read([byId({ id })]);
    return row?.bytes_removed === 0;
  };
}
