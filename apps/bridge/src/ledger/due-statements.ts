import type { Kysely } from 'kysely';
import type { ProgramStep } from './program';
import type { Statement } from './statement';
import { template } from './statement';
import type { DueRow, Tables } from './tables';

interface Held {
  readonly id: string;
  readonly epoch: number;
  readonly revision: number;
}

/** Compiled writes on due work that is known. */
export interface DueStatements {
  /** Asks for work: a new row, or the same row once more. */
  ask(
    row: Pick<DueRow, 'id' | 'kind' | 'subject' | 'message_id' | 'partner' | 'due_at' | 'since'>,
  ): Statement;
  /** Removes work that is held and was not asked for again meanwhile. */
  remove(held: Held): ProgramStep;
  postpone(values: Held & { due_at: number; why: string; attempts: number }): ProgramStep;
  void(): Statement;
  /** Nobody sends any more what was intended before `at`. */
  endIntents(values: { at: number }): Statement;
  /** Work that exists since a time to come: it is due now, and its deadline counts from now. */
  recall(values: { at: number }): Statement;
  /** What nobody holds and waits for a time to come is due now. */
  recallWaiting(values: { at: number }): Statement;
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
  const postpone = createPostpone(db);
  const voidAll = template<object>(() =>
    db
      .updateTable('due')
      .set((due) => ({ lease_until: due.lit(0), holder: due.lit(null) }))
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
  const recall = template<{ at: number }>((slot) =>
    db
      .updateTable('due')
      .set({ due_at: slot('at'), since: slot('at') })
      .where('since', '>', slot('at'))
      .compile(),
  );
  const recallWaiting = template<{ at: number }>((slot) =>
    db
      .updateTable('due')
      .set({ due_at: slot('at') })
      .where((due) => due('lease_until', '=', due.lit(0)))
      .where('due_at', '>', slot('at'))
      .compile(),
  );
  return {
    ask: createAsk(db),
    remove: (held) => ({
      ...remove(held),
      expect: 1,
      otherwise: 'the work was asked for again, or somebody else holds it by now',
    }),
    postpone: (values) => ({
      ...postpone(values),
      expect: 1,
      otherwise: 'somebody else holds the work by now',
    }),
    void: () => voidAll({}),
    endIntents,
    recall,
    recallWaiting,
  };
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
          holder: due.lit(null),
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
