import type { Kysely } from 'kysely';
import type { DueStatements } from './due-statements';
import type { Ledger } from './ledger';
import type { ProgramExecutor } from './program';
import type { ReadSource } from './read-source';
import { template } from './statement';
import type { Tables } from './tables';
import { isVoid } from './void-lease';

/** What can be asked about due work. */
export function createDueReads(
  db: Kysely<Tables>,
  source: ReadSource,
  now: () => number,
): Pick<Ledger['due'], 'nextAt' | 'count'> {
  const free = template<object, { at: number | null }>(() =>
    db
      .selectFrom('due')
      .select((due) => due.fn.min('due_at').as('at'))
      .where((due) => due('lease_until', '=', due.lit(0)))
      .compile(),
  );
  // Few rows at most: as many as steps that were running when something went wrong.
  const expired = template<{ now: number }, { at: number | null }>((slot) =>
    db
      .selectFrom('due')
      .select((due) => due.fn.min('due_at').as('at'))
      .where(isVoid(slot('now')))
      .compile(),
  );
  const counts = template<object, { kind: string; count: number }>(() =>
    db
      .selectFrom('due')
      .select((due) => ['kind', due.fn.countAll<number>().as('count')])
      .groupBy('kind')
      .compile(),
  );
  return {
    async nextAt() {
      const found = await source.read([free({}), expired({ now: now() })]);
      const times = found.flat().flatMap(({ at }) => at ?? []);
      return times.length === 0 ? undefined : Math.min(...times);
    },
    async count() {
      const [rows] = await source.read([counts({})]);
      return Object.fromEntries(rows.map(({ kind, count }) => [kind, count]));
    },
  };
}

/** What can be done with due work. */
export function createDueWrites(
  statements: DueStatements,
  executor: ProgramExecutor,
  claim: Ledger['due']['claim'],
  { forgetAll, mayEndIntents }: { readonly forgetAll: () => void; readonly mayEndIntents: boolean },
): Omit<Ledger['due'], 'nextAt' | 'count' | 'hasten' | 'explain'> {
  return {
    claim,
    async postpone({ id, epoch, revision, attempts }, { dueAt, why, failed }) {
      const values = { id, epoch, revision, due_at: dueAt, why, attempts: attempts + (failed ? 1 : 0) };
      await executor.run([statements.postpone(values)]);
    },
    async finish(work) {
      await executor.run([statements.remove(work)]);
    },
    async voidLeases(at) {
      const intents = mayEndIntents ? [statements.endIntents({ at })] : [];
      await executor.run([statements.void(), ...intents, statements.recall({ at })]);
    },
    async clockSetBack(at, sendingUntil = at) {
      await executor.run([
        statements.recall({ at }),
        statements.recallWaiting({ at }),
        statements.endIntents({ at: sendingUntil }),
      ]);
      // Deliveries were changed by something else than a commit.
      forgetAll();
    },
  };
}
