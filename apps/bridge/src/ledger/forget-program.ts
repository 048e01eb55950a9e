import type { Kysely } from 'kysely';
import { sql } from 'kysely';
import { decodeTimeline } from './audit-reads';
import { verifyChain } from './chain';
import { StaleChangeError } from './ledger';
import type { Program } from './program';
import type { ReadSource } from './read-source';
import { removalOf } from './removal';
import { retentionGuards } from './retention-guards';
import { template } from './statement';
import type { EventRow, ForgottenMessageRow, Tables } from './tables';

/**
 * Makes the function that makes the program that takes an archived message and its events away. Of the events the hashes
 * stay, for the seals that hold them; of the message a record, which the next seal holds.
 */
export function createForgetting(
  db: Kysely<Tables>,
  source: ReadSource,
): (id: string, at: number) => Promise<Program> {
  const { isFree, isIdle, isSealed } = retentionGuards;
  const chain = template<{ id: string }, EventRow>((slot) =>
    db.selectFrom('event').selectAll().where('message_id', '=', slot('id')).orderBy('sequence').compile(),
  );
  // The record is of the chain as it was read: where it grew since, nothing is taken.
  const mark = template<{ id: string; events: number; head: string }>((slot) =>
    db
      .updateTable('message')
      .set((message) => ({ revision: message('revision', '+', message.lit(1)) }))
      .where('id', '=', slot('id'))
      .where('state', '=', sql.lit('archived'))
      .where('head_sequence', '=', slot('events'))
      .where('head_hash', '=', slot('head'))
      .where((message) => message.and([isFree, isIdle, isSealed].map((guard) => guard(message))))
      .compile(),
  );
  const keepHashes = template<{ id: string }>((slot) =>
    db
      .insertInto('forgotten_event')
      .columns(['hash', 'seal', 'message_id'])
      .expression(
        db
          .selectFrom('event')
          .select((event) => ['hash', event.ref('seal').$notNull().as('seal'), 'message_id'])
          .where('message_id', '=', slot('id')),
      )
      .compile(),
  );
  const keepRecord = template<Omit<ForgottenMessageRow, 'seal'>>((slot) =>
    db
      .insertInto('forgotten_message')
      .values({
        message_id: slot('message_id'),
        at: slot('at'),
        events: slot('events'),
        head_hash: slot('head_hash'),
        root: slot('root'),
        ending: slot('ending'),
        hash: slot('hash'),
      })
      .compile(),
  );
  const remove = {
    commands: template<{ id: string }>((slot) =>
      db.deleteFrom('command').where('message_id', '=', slot('id')).compile(),
    ),
    events: template<{ id: string }>((slot) =>
      db.deleteFrom('event').where('message_id', '=', slot('id')).compile(),
    ),
    message: template<{ id: string }>((slot) =>
      db.deleteFrom('message').where('id', '=', slot('id')).compile(),
    ),
  };
  return async (id, at) => {
    const [rows] = await source.read([chain({ id })]);
    const timeline = decodeTimeline(rows);
    // What was altered stays where "ledger verify" tells it.
    if (timeline === undefined || !verifyChain(id, timeline).whole)
      throw new StaleChangeError(`message ${id} may not be forgotten: an event of it was altered`);
    const { events, headHash, root, ending, hash } = removalOf(id, timeline, at);
    return [
      {
        ...mark({ id, events, head: headHash }),
        expect: 1,
        otherwise: `message ${id} may not be forgotten: it is not archived, or held`,
      },
      { ...keepHashes({ id }), expect: events },
      keepRecord({ message_id: id, at, events, head_hash: headHash, root, ending, hash }),
      remove.commands({ id }),
      { ...remove.events({ id }), expect: events },
      { ...remove.message({ id }), expect: 1 },
    ];
  };
}
