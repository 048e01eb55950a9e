import type { Expression, ExpressionBuilder, SqlBool } from 'kysely';
import type { Tables } from './tables';

/**
 * Says that the lease of a due row is over, and that nobody can be doing it any more. What a member of a shared ledger holds is
 * its own for as long as it is one, whatever the time: a server whose clock is set forward by a day, as after a failover, must not
 * have a step done twice at once. When it leaves, or is removed, its rows are nobody's.
 */
export function isVoid(now: number) {
  return (due: ExpressionBuilder<Tables, 'due'>): Expression<SqlBool> =>
    due.and([
      due('lease_until', '>', due.lit(0)),
      due('lease_until', '<=', now),
      due.or([
        due('holder', 'is', null),
        due.not(
          due.exists(due.selectFrom('member').select('member.id').whereRef('member.id', '=', 'due.holder')),
        ),
      ]),
    ]);
}
