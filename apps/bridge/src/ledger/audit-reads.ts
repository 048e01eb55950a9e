import type { Kysely } from 'kysely';
import type { MessageEvent } from '../domain/message-event';
import type { ChainHead, ChainReport } from './chain';
import { verifyChain } from './chain';
import type { TimelineEntry } from './ledger';
import type { ReadSource } from './read-source';
import { template } from './statement';
import type { EventRow, MessageRow, Tables } from './tables';

/** What can be asked about the audit chain of a message. */
export interface AuditReads {
  timeline(messageId: string): Promise<readonly TimelineEntry[]>;
  /** Where the chain ends; undefined for a message that is not known. */
  head(messageId: string): Promise<(ChainHead & { readonly revision: number }) | undefined>;
  /** Checks the chain from its first event to the head on the message's row; undefined where it is not known. */
  verify(messageId: string): Promise<ChainReport | undefined>;
}

/** Builds the queries once. */
export function createAuditReads(db: Kysely<Tables>, source: ReadSource): AuditReads {
  const heads = template<{ id: string }, Pick<MessageRow, 'revision' | 'head_sequence' | 'head_hash'>>(
    (slot) =>
      db
        .selectFrom('message')
        .select(['revision', 'head_sequence', 'head_hash'])
        .where('id', '=', slot('id'))
        .compile(),
  );
  const events = template<{ id: string }, EventRow>((slot) =>
    db.selectFrom('event').selectAll().where('message_id', '=', slot('id')).orderBy('sequence').compile(),
  );
  return {
    async timeline(id) {
      const [rows] = await source.read([events({ id })]);
      return rows.map(decode);
    },
    async head(id) {
      const [[row]] = await source.read([heads({ id })]);
      return row && { sequence: row.head_sequence, hash: row.head_hash, revision: row.revision };
    },
    async verify(id) {
      const [[row], rows] = await source.read([heads({ id }), events({ id })]);
      if (row === undefined) return undefined;
      const unreadable = rows.find(({ event }) => !isJson(event));
      if (unreadable !== undefined) {
        const { sequence } = unreadable;
        return { whole: false, sequence, problem: `event ${sequence} was altered: it is no JSON any more` };
      }
      return verifyChain(id, rows.map(decode), { sequence: row.head_sequence, hash: row.head_hash });
    },
  };
}

/** Events in their order; undefined where one of them is no JSON any more. Pure. */
export function decodeTimeline(rows: readonly EventRow[]): readonly TimelineEntry[] | undefined {
  return rows.every(({ event }) => isJson(event)) ? rows.map(decode) : undefined;
}

function decode({ sequence, at, event, hash }: EventRow): TimelineEntry {
  return { sequence, at, event: JSON.parse(event) as MessageEvent, hash };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
