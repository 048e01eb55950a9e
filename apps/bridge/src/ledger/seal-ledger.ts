import type { Kysely } from 'kysely';
import type { Ledger } from './ledger';
import type { ProgramExecutor } from './program';
import type { ReadSource } from './read-source';
import type { RowStatements } from './row-statements';
import type { Seal } from './seal';
import { nextSeal } from './seal';
import { template } from './statement';
import type { EventRow, ForgottenMessageRow, SealRow, Tables } from './tables';

/** Events, and as many removals, of one seal at most: a seal is one program, and nothing else is written while it runs. */
const most = 1_000;

/** What is known about seals. */
export function createSealReads(
  db: Kysely<Tables>,
  source: ReadSource,
): Pick<Ledger['seals'], 'list' | 'last'> {
  const page = template<{ after: number; limit: number }, SealRow>((slot) =>
    db
      .selectFrom('seal')
      .selectAll()
      .where('number', '>', slot('after'))
      .orderBy('number')
      .limit(slot('limit'))
      .compile(),
  );
  const newest = template<object, SealRow>(() =>
    db.selectFrom('seal').selectAll().orderBy('number', 'desc').limit(1).compile(),
  );
  return {
    async list(query) {
      const [rows] = await source.read([page(query)]);
      return rows.map(decode);
    },
    async last() {
      const [[row]] = await source.read([newest({})]);
      return row && decode(row);
    },
  };
}

/** Makes them. */
export function createSealWrites(
  db: Kysely<Tables>,
  executor: ProgramExecutor,
  source: ReadSource,
  rows: RowStatements,
): Pick<Ledger['seals'], 'seal'> {
  const unsealed = template<{ limit: number }, Pick<EventRow, 'message_id' | 'sequence' | 'hash'>>((slot) =>
    db
      .selectFrom('event')
      .select(['message_id', 'sequence', 'hash'])
      .where('seal', 'is', null)
      .orderBy('at')
      .limit(slot('limit'))
      .compile(),
  );
  const mark = template<{ seal: number; messageId: string; sequence: number }>((slot) =>
    db
      .updateTable('event')
      .set({ seal: slot('seal') })
      .where('message_id', '=', slot('messageId'))
      .where('sequence', '=', slot('sequence'))
      .where('seal', 'is', null)
      .compile(),
  );
  const removals = template<{ limit: number }, Pick<ForgottenMessageRow, 'message_id' | 'hash'>>((slot) =>
    db
      .selectFrom('forgotten_message')
      .select(['message_id', 'hash'])
      .where('seal', 'is', null)
      .orderBy('at')
      .limit(slot('limit'))
      .compile(),
  );
  const markRemoval = template<{ seal: number; messageId: string }>((slot) =>
    db
      .updateTable('forgotten_message')
      .set({ seal: slot('seal') })
      .where('message_id', '=', slot('messageId'))
      .where('seal', 'is', null)
      .compile(),
  );
  const { last } = createSealReads(db, source);
  return {
    async seal(at) {
      const [events, forgotten] = await source.read([unsealed({ limit: most }), removals({ limit: most })]);
      if (events.length + forgotten.length === 0) return undefined;
      const made = nextSeal(
        await last(),
        [...events, ...forgotten].map(({ hash }) => hash),
        at,
      );
      await executor.run([
        rows.insert('seal', made),
        ...events.map(({ message_id: messageId, sequence }) => ({
          ...mark({ seal: made.number, messageId, sequence }),
          expect: 1,
        })),
        ...forgotten.map(({ message_id: messageId }) => ({
          ...markRemoval({ seal: made.number, messageId }),
          expect: 1,
        })),
      ]);
      return made;
    },
  };
}

const decode = ({ number, at, previous, events, root, hash }: SealRow): Seal => ({
  number,
  at,
  previous,
  events,
  root,
  hash,
});
