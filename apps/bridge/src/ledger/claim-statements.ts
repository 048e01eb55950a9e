import type { Expression, Kysely, SelectQueryBuilder, SqlBool } from 'kysely';
import { sql } from 'kysely';
import type { Stage } from '../domain/message-event';
import { stages } from '../domain/message-event';
import type { WaitingPartner } from './share-room';
import type { Statement } from './statement';
import { template } from './statement';
import type { DueRow, Tables } from './tables';
import { isVoid } from './void-lease';

/** A kind's name, or `expired`: 1 where there is something. */
export type Peeked = Readonly<Record<Stage | 'expired', number>>;

/** Partners that are looked at in one look: a look costs the same however many there are. */
export const partnersInALook = 64;

export interface Look {
  readonly kind: string;
  /** The partner served last. */
  readonly after: string;
  readonly now: number;
  readonly room: number;
}

/** A partner that has due rows, or the last one looked at; `place` counts from 1. */
export interface LookedAt extends WaitingPartner {
  readonly place: number;
}

/** Compiled statements that find and take due work. */
export interface ClaimStatements {
  /** One row that tells for each kind whether there is a row to claim (1 or 0), and whether a lease has run out. */
  peek(values: { now: number }): Statement<Peeked>;
  /** The first and the last partner that have rows of a kind which nobody holds; null where nobody has. */
  ends(values: { kind: string }): Statement<{ first: string | null; last: string | null }>;
  /** The next partners in line that have due rows of a kind, up to `room`; and the last of the look, with whatever it has. */
  look(values: Look): Statement<LookedAt>;
  /** The same from the first partner on, up to and with the one served last. */
  lookFromStart(values: Look): Statement<LookedAt>;
  /** Takes the oldest rows of a kind and a partner that nobody holds. */
  claim(values: {
    kind: string;
    partner: string;
    now: number;
    until: number;
    limit: number;
  }): Statement<DueRow>;
  /** Takes the oldest rows of a kind, whosever they are. */
  claimOldest(values: { kind: string; now: number; until: number; limit: number }): Statement<DueRow>;
  /** Makes rows whose lease has run out nobody's again. */
  expire(values: { now: number }): Statement<DueRow>;
}

/** Says "is one of these rows", of rows that nobody else is about to claim. */
export type FreeRows = (rows: SelectQueryBuilder<Tables, 'due', { id: string }>) => Expression<SqlBool>;

/** With one writer nobody else claims. */
const freeRowsOfOne: FreeRows = (rows) => sql<boolean>`id in ${rows}`;

/** Builds the statements once. `holder` is the member that claims, where several bridges share the ledger. */
export function createClaimStatements(
  db: Kysely<Tables>,
  { freeRows = freeRowsOfOne, holder = null }: { freeRows?: FreeRows; holder?: string | null } = {},
): ClaimStatements {
  const claim = template<Parameters<ClaimStatements['claim']>[0], DueRow>((slot) =>
    db
      .updateTable('due')
      .set((due) => ({ lease_until: slot('until'), epoch: due('epoch', '+', due.lit(1)), holder }))
      .where((due) =>
        freeRows(
          due
            .selectFrom('due')
            .select('id')
            .where('kind', '=', slot('kind'))
            .where('lease_until', '=', due.lit(0))
            // Said as a range over both, since SQLite takes the index without the partner for what says `partner = ?`, and
            // reads past all that others have waiting.
            .where('partner', '>=', slot('partner'))
            .where(({ eb, refTuple, tuple }) =>
              eb(refTuple('partner', 'due_at'), '<=', tuple(slot('partner'), slot('now'))),
            )
            .orderBy('partner')
            .orderBy('due_at')
            .limit(slot('limit')),
        ),
      )
      .returningAll()
      .compile(),
  );
  const claimOldest = template<Parameters<ClaimStatements['claimOldest']>[0], DueRow>((slot) =>
    db
      .updateTable('due')
      .set((due) => ({ lease_until: slot('until'), epoch: due('epoch', '+', due.lit(1)), holder }))
      .where((due) =>
        freeRows(
          due
            .selectFrom('due')
            .select('id')
            .where('kind', '=', slot('kind'))
            .where('lease_until', '=', due.lit(0))
            .where('due_at', '<=', slot('now'))
            .orderBy('due_at')
            .limit(slot('limit')),
        ),
      )
      .returningAll()
      .compile(),
  );
  const expire = template<{ now: number }, DueRow>((slot) =>
    db
      .updateTable('due')
      .set((due) => ({ lease_until: due.lit(0), holder: due.lit(null) }))
      .where(isVoid(slot('now')))
      .returningAll()
      .compile(),
  );
  return {
    peek: createPeek(db),
    ends: createEnds(db),
    look: createLook(db, 'after'),
    lookFromStart: createLook(db, 'from start'),
    claim,
    claimOldest,
    expire,
  };
}

/** A seek in an index for each kind: a twentieth of a claim that finds nothing, and no write. */
function createPeek(db: Kysely<Tables>): ClaimStatements['peek'] {
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
              .where(isVoid(slot('now'))),
          )
          .as('expired'),
      ])
      .$castTo<Peeked>()
      .compile(),
  );
}

/** Two seeks in an index: a tenth of a look. */
function createEnds(db: Kysely<Tables>): ClaimStatements['ends'] {
  return template<{ kind: string }, { first: string | null; last: string | null }>((slot) => {
    const end = (which: 'min' | 'max') =>
      db
        .selectFrom('due')
        .select((due) => due.fn<string | null>(which, ['partner']).as('partner'))
        .where('kind', '=', slot('kind'))
        .where((due) => due('lease_until', '=', due.lit(0)));
    return db
      .selectNoFrom([end('min').as('first'), end('max').as('last')])
      .$castTo<{ first: string | null; last: string | null }>()
      .compile();
  });
}

/**
 * A skip scan, which neither database does by itself: from each partner one seek leads to the next, and one more counts
 * its due rows, up to the room there is. The outer limit ends the recursion as soon as enough are found.
 * The last partner of a full look is named also where it has nothing, so that the next look begins behind it.
 */
function createLook(db: Kysely<Tables>, from: 'after' | 'from start'): ClaimStatements['look'] {
  return template<Look, LookedAt>((slot) => {
    const next = (after: ReturnType<typeof sql>) =>
      sql`(select min(partner) from due where kind = ${slot('kind')} and lease_until = 0 and partner ${after})`;
    const first = from === 'after' ? sql`> ${slot('after')}` : sql`>= ''`;
    const stop = from === 'after' ? sql`` : sql` and line.partner <= ${slot('after')}`;
    const waiting = sql`(select count(*) from (select 1 from due where kind = ${slot('kind')} and lease_until = 0
      and due.partner = line.partner and due_at <= ${slot('now')} limit ${slot('room')}) as counted)`;
    return sql<LookedAt>`with recursive line (partner, place) as (
      select ${next(first)}, 1
      union all
      select ${next(sql`> line.partner`)}, place + 1 from line
      where line.partner is not null and place < ${sql.lit(partnersInALook)}
    )
    select partner, place, waiting from (
      select line.partner, line.place, ${waiting} as waiting from line where line.partner is not null${stop}
    ) as looked
    where waiting > 0 or place = ${sql.lit(partnersInALook)}
    limit ${slot('room')}`.compile(db);
  });
}
