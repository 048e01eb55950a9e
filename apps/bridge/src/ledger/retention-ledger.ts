import type { Kysely } from 'kysely';
import { sql } from 'kysely';
import type { MessageState } from '../domain/message';
import { createForgetting } from './forget-program';
import type { Ledger } from './ledger';
import { StaleChangeError } from './ledger';
import type { Program, ProgramExecutor } from './program';
import type { ReadSource } from './read-source';
import type { SlotOf, Statement } from './statement';
import { template } from './statement';
import type { RetentionGuard } from './retention-guards';
import { retentionGuards } from './retention-guards';
import type { Tables } from './tables';

/** All states in which nothing is owed and the parts are still there. */
const settledStates = [
  'forwarded',
  'partly-forwarded',
  'quarantined',
  'held',
  'dead-letter',
  'observed',
] as const satisfies readonly MessageState[];

const { isSealed, isIdle, isFree } = retentionGuards;

interface Page {
  readonly state: string;
  readonly before: number;
  readonly limit: number;
}

/**
 * What retention may take, and its taking. Every guard stands in the SQL, so that a legal hold that is set in the very
 * same moment wins.
 * @param forget called with each message that is no longer what somebody may remember
 */
export function createRetention(
  db: Kysely<Tables>,
  executor: ProgramExecutor,
  source: ReadSource,
  forget: (messageId: string) => void,
): Ledger['retention'] {
  const withBytes = createDueList(db, [({ eb }) => eb('bytes_removed', '=', eb.lit(0))]);
  const withoutBytes = createDueList(db, [({ eb }) => eb('bytes_removed', '=', eb.lit(1)), isSealed]);
  const archived = createDueList(db, [isSealed, wasSealedBefore]);
  const archiving = archiveProgram(db);
  const forgetting = createForgetting(db, source);

  async function idsOf(
    list: (page: Page) => Statement<{ id: string }>,
    states: readonly MessageState[],
    query: { before: number; limit: number },
  ): Promise<readonly string[]> {
    const ids: string[] = [];
    for (const state of states) {
      if (ids.length >= query.limit) break;
      const page = { state, before: query.before, limit: query.limit - ids.length };
      const [rows] = await source.read([list(page)]);
      ids.push(...rows.map(({ id }) => id));
    }
    return ids;
  }

  async function runEach(
    ids: readonly string[],
    program: (id: string) => Program | Promise<Program>,
  ): Promise<readonly string[]> {
    const done = await Promise.all(
      ids.map(async (id) => {
        try {
          await executor.run(await program(id));
          forget(id);
          return [id];
        } catch (error) {
          // It moved on since it was listed: a hold, a replay, new work.
          if (error instanceof StaleChangeError) return [];
          throw error;
        }
      }),
    );
    return done.flat();
  }

  return {
    bytesDue: ({ states, before, limit }) => idsOf(withBytes, states, { before, limit }),
    archiveDue: (query) => idsOf(withoutBytes, settledStates, query),
    archive: (ids) => runEach(ids, archiving),
    forgetDue: (query) => idsOf(archived, ['archived'], query),
    forget: (ids, at) => runEach(ids, (id) => forgetting(id, at)),
  };
}

type DueGuard = (...of: [...Parameters<RetentionGuard>, SlotOf<Page>]) => ReturnType<RetentionGuard>;

/**
 * The newest of its events was sealed long enough ago. So whoever has nothing but the seals can tell that none of them was
 * forgotten too early: the time of a seal cannot be altered later. The first one would not do: events of a young message
 * could then be hidden among those of an old one.
 */
const wasSealedBefore: DueGuard = ({ not, exists, selectFrom }, slot) =>
  not(
    exists(
      selectFrom('event')
        .innerJoin('seal', 'seal.number', 'event.seal')
        .select('seal.number')
        .whereRef('event.message_id', '=', 'message.id')
        .where('seal.at', '>=', slot('before')),
    ),
  );

function createDueList(
  db: Kysely<Tables>,
  guards: readonly DueGuard[],
): (page: Page) => Statement<{ id: string }> {
  return template<Page, { id: string }>((slot) =>
    db
      .selectFrom('message')
      .select('id')
      .where('state', '=', slot('state'))
      .where('settled_at', '<', slot('before'))
      .where((message) => message.and([isFree, isIdle, ...guards].map((guard) => guard(message, slot))))
      .orderBy('settled_at')
      .limit(slot('limit'))
      .compile(),
  );
}

/** Takes the parts of a message away. What is left tells that it was there, and carries its audit chain. */
function archiveProgram(db: Kysely<Tables>): (id: string) => Program {
  const mark = template<{ id: string }>((slot) =>
    db
      .updateTable('message')
      .set((message) => ({
        state: 'archived',
        revision: message('revision', '+', message.lit(1)),
        // Forgotten when the newest of its events is old enough: from now on the index finds those that are, and no others.
        settled_at: message
          .selectFrom('event')
          .select((event) => event.fn.max('event.at').as('newest'))
          .whereRef('event.message_id', '=', 'message.id'),
      }))
      .where('id', '=', slot('id'))
      .where(
        'state',
        'in',
        settledStates.map((state) => sql.lit(state)),
      )
      .where('bytes_removed', '=', sql.lit(1))
      .where((message) => message.and([isFree, isIdle, isSealed].map((guard) => guard(message))))
      .compile(),
  );
  const parts = removals(db, ['attachment', 'obligation', 'delivery']);
  return (id) => [
    {
      ...mark({ id }),
      expect: 1,
      otherwise: `message ${id} may not be archived: it is not settled, or held`,
    },
    ...parts.map((remove) => remove({ id })),
  ];
}

function removals(
  db: Kysely<Tables>,
  tables: readonly ('attachment' | 'obligation' | 'delivery')[],
): readonly ((values: { id: string }) => Statement)[] {
  return tables.map((table) =>
    template<{ id: string }>((slot) => db.deleteFrom(table).where('message_id', '=', slot('id')).compile()),
  );
}
