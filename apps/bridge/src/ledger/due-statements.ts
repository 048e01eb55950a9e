import type { Kysely } from 'kysely';
import { sql } from 'kysely';
import type { Stage } from '../domain/message-event';
import { stages } from '../domain/message-event';
import type { ProgramStep } from './program';
import type { Statement } from './statement';
import { template } from './statement';
import type { DueRow, Tables } from './tables';

interface Held {
  readonly id: string;
  readonly epoch: number;
  readonly revision: number;
}

/** A kind's name, or `expired`: 1 where there is something. */
export type Peeked = Readonly<Record<Stage | 'expired', number>>;

/** Compiled writes on due work, and the look that saves most of them. */
export interface DueStatements {
  /** Asks for work: a new row, or the same row once more. */
  ask(
    row: Pick<DueRow, 'id' | 'kind' | 'subject' | 'message_id' | 'partner' | 'due_at' | 'since'>,
  ): Statement;
  /** Removes work that is held and was not asked for again meanwhile. */
  remove(held: Held): ProgramStep;
  /** One row that tells for each kind whether there is a row to claim (1 or 0), and whether a lease has run out. */
  peek(values: { now: number }): Statement<Peeked>;
  /** Takes the oldest rows of a kind that nobody holds. */
  claim(values: { kind: string; now: number; until: number; limit: number }): Statement<DueRow>;
  /** Makes rows whose lease has run out nobody's again. */
  expire(values: { now: number }): Statement<DueRow>;
  postpone(values: Held & { due_at: number; why: string; attempts: number }): ProgramStep;
  void(): Statement;
  /** Nobody sends any more what was intended before `at`. */
  endIntents(values: { at: number }): Statement;
}

/** Builds the statements once. */
export function createDueStatements(db: Kysely<Tables>): DueStatements {
  const remove = template<Held>((slot) =>
    db
      .deleteFrom('due')
      .where('id', '=', slot('id'))
      .where('epoch', '=', slot('epoch'))
      .where('revision', '=', slot('revision'))
      .compile(),
  );
  const claim = template<Parameters<DueStatements['claim']>[0], DueRow>((slot) =>
    db
      .updateTable('due')
      .set((due) => ({ lease_until: slot('until'), epoch: due('epoch', '+', due.lit(1)) }))
      .where('id', 'in', (due) =>
        due
          .selectFrom('due')
          .select('id')
          .where('kind', '=', slot('kind'))
          .where('lease_until', '=', due.lit(0))
          .where('due_at', '<=', slot('now'))
          .orderBy('due_at')
          .limit(slot('limit')),
      )
      .returningAll()
      .compile(),
  );
  const expire = template<{ now: number }, DueRow>((slot) =>
    db
      .updateTable('due')
      .set((due) => ({ lease_until: due.lit(0) }))
      .where((due) => due.and([due('lease_until', '>', due.lit(0)), due('lease_until', '<=', slot('now'))]))
      .returningAll()
      .compile(),
  );
  const postpone = createPostpone(db);
  const voidAll = template<object>(() =>
    db
      .updateTable('due')
      .set((due) => ({ lease_until: due.lit(0) }))
      .where((due) => due('lease_until', '>', due.lit(0)))
      .compile(),
  );
  const endIntents = template<{ at: number }>((slot) =>
    db
      .updateTable('delivery')
      .set({ send_by: slot('at') })
      .where('state', '=', 'intended')
      .where('send_by', '>', slot('at'))
      .compile(),
  );
  return {
    ask: createAsk(db),
    remove: (held) => ({
      ...remove(held),
      expect: 1,
      otherwise: 'the work was asked for again, or somebody else holds it by now',
    }),
    peek: createPeek(db),
    claim,
    expire,
    postpone: (values) => ({
      ...postpone(values),
      expect: 1,
      otherwise: 'somebody else holds the work by now',
    }),
    void: () => voidAll({}),
    endIntents,
  };
}

/** Seven seeks in an index: a twentieth of a claim that finds nothing, and no write. */
function createPeek(db: Kysely<Tables>): DueStatements['peek'] {
  return template<{ now: number }, Peeked>((slot) =>
    db
      .selectNoFrom((outer) => [
        ...stages.map((kind) =>
          outer
            .exists((due) =>
              due
                .selectFrom('due')
                .select('id')
                .where('kind', '=', sql.lit(kind))
                .where('lease_until', '=', due.lit(0))
                .where('due_at', '<=', slot('now')),
            )
            .as(kind),
        ),
        outer
          .exists((due) =>
            due
              .selectFrom('due')
              .select('id')
              .where('lease_until', '>', due.lit(0))
              .where('lease_until', '<=', slot('now')),
          )
          .as('expired'),
      ])
      .$castTo<Peeked>()
      .compile(),
  );
}

/**
 * Asked for again while somebody does it, the row keeps its lease, and the revision makes that one's end fail:
 * it may have looked before the new reason to look was there. So the work is done once more.
 */
function createAsk(db: Kysely<Tables>): DueStatements['ask'] {
  return template((slot) =>
    db
      .insertInto('due')
      .values((due) => ({
        id: slot('id'),
        kind: slot('kind'),
        subject: slot('subject'),
        message_id: slot('message_id'),
        partner: slot('partner'),
        due_at: slot('due_at'),
        since: slot('since'),
        attempts: due.lit(0),
        epoch: due.lit(0),
        revision: due.lit(0),
        lease_until: due.lit(0),
        why: due.lit(null),
      }))
      .onConflict((conflict) =>
        conflict.columns(['kind', 'subject']).doUpdateSet((due) => ({
          revision: due('due.revision', '+', due.lit(1)),
          due_at: due
            .case()
            .when('excluded.due_at', '<', due.ref('due.due_at'))
            .then(due.ref('excluded.due_at'))
            .else(due.ref('due.due_at'))
            .end(),
          attempts: due
            .case()
            .when('due.lease_until', '=', due.lit(0))
            .then(due.lit(0))
            .else(due.ref('due.attempts'))
            .end(),
          why: due.lit(null),
        })),
      )
      .compile(),
  );
}

/**
 * Only the epoch guards it: who holds the lease may always give it back, else work that was asked for again
 * would lie until the lease runs out. What the new request set then stands, and the earlier time counts.
 */
function createPostpone(
  db: Kysely<Tables>,
): (values: Held & { due_at: number; why: string; attempts: number }) => Statement {
  return template((slot) =>
    db
      .updateTable('due')
      .set((due) => {
        const untouched = due('revision', '=', slot('revision'));
        return {
          lease_until: due.lit(0),
          due_at: due
            .case()
            .when(due.or([untouched, due('due_at', '>', slot('due_at'))]))
            .then(slot('due_at'))
            .else(due.ref('due_at'))
            .end(),
          attempts: due.case().when(untouched).then(slot('attempts')).else(due.lit(0)).end(),
          why: due.case().when(untouched).then(slot('why')).else(due.ref('why')).end(),
        };
      })
      .where('id', '=', slot('id'))
      .where('epoch', '=', slot('epoch'))
      .compile(),
  );
}
