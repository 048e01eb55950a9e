import type { Kysely } from 'kysely';
import type { ReadSource } from '../read-source';
import { template } from '../statement';
import type { ForgottenMessageRow, Tables } from '../tables';
import type { RemovalFacts } from './check-removal';
import { checkRemoval } from './check-removal';
import type { Finding } from './finding';
import { finding } from './finding';

/** Messages that are looked at together. */
const pageSize = 200;

interface Left {
  readonly hash: string;
  readonly sealed_at: number | null;
}

/**
 * Checks that what was forgotten was forgotten by retention: each record of a removal, and that there is one for each hash
 * that stayed. `inSnapshot` gives a snapshot for each page.
 */
export async function checkRemovals(
  db: Kysely<Tables>,
  inSnapshot: <Result>(body: (source: ReadSource) => Promise<Result>) => Promise<Result>,
  facts: Omit<RemovalFacts, 'lastSealAt'>,
  report: (found: readonly Finding[]) => void,
): Promise<number> {
  const reads = removalReads(db);
  let count = 0;
  for (let after: string | undefined = ''; after !== undefined;) {
    const from: string = after;
    after = await inSnapshot(async (source) => {
      const [records, [newest]] = await source.read([
        reads.page({ after: from, limit: pageSize }),
        reads.newest({}),
      ]);
      const ids = records.map(({ message_id: id }) => id);
      const left = await source.read(ids.map((id) => reads.left({ id })));
      const there = await source.read(ids.map((id) => reads.there({ id })));
      for (const [index, row] of records.entries()) {
        const {
          message_id: messageId,
          at,
          events,
          head_hash: headHash,
          root,
          ending,
          hash,
          sealed_at: sealedAt,
        } = row;
        report(
          checkRemoval(
            {
              ...{ messageId, at, events, headHash, root, ending, hash, sealedAt },
              left: (left[index] ?? []).map((one) => ({ hash: one.hash, sealedAt: one.sealed_at })),
              isThere: (there[index] ?? []).length > 0,
            },
            { ...facts, lastSealAt: newest?.at ?? 0 },
          ),
        );
      }
      count += records.length;
      return ids.at(-1);
    });
  }
  const [unaccounted] = await inSnapshot((source) => source.read([reads.unaccounted({ limit: pageSize })]));
  report(
    unaccounted.map(({ message_id: id, events }) =>
      finding(
        'removal',
        id === '' ? null : id,
        `${Number(events)} events were taken out of their seals, and no record says that retention did it${id === '' ? '; a bridge of schema 3 or older, which made no records, leaves the same' : ''}`,
      ),
    ),
  );
  return count;
}

function removalReads(db: Kysely<Tables>) {
  return {
    page: template<
      { after: string; limit: number },
      Omit<ForgottenMessageRow, 'seal'> & { sealed_at: number | null }
    >((slot) =>
      db
        .selectFrom('forgotten_message as record')
        .leftJoin('seal', 'seal.number', 'record.seal')
        .select([
          'record.message_id',
          'record.at',
          'record.events',
          'record.head_hash',
          'record.root',
          'record.ending',
          'record.hash',
        ])
        .select('seal.at as sealed_at')
        .where('record.message_id', '>', slot('after'))
        .orderBy('record.message_id')
        .limit(slot('limit'))
        .compile(),
    ),
    newest: template<object, { at: number }>(() =>
      db.selectFrom('seal').select('at').orderBy('number', 'desc').limit(1).compile(),
    ),
    left: template<{ id: string }, Left>((slot) =>
      db
        .selectFrom('forgotten_event as event')
        .leftJoin('seal', 'seal.number', 'event.seal')
        .select(['event.hash', 'seal.at as sealed_at'])
        .where('event.message_id', '=', slot('id'))
        .compile(),
    ),
    there: template<{ id: string }, { id: string }>((slot) =>
      db.selectFrom('message').select('id').where('id', '=', slot('id')).compile(),
    ),
    unaccounted: template<{ limit: number }, { message_id: string; events: number | string }>((slot) =>
      db
        .selectFrom('forgotten_event as event')
        .leftJoin('forgotten_message as record', 'record.message_id', 'event.message_id')
        .select((row) => ['event.message_id', row.fn.countAll<number | string>().as('events')])
        .where('record.message_id', 'is', null)
        .groupBy('event.message_id')
        .limit(slot('limit'))
        .compile(),
    ),
  };
}
