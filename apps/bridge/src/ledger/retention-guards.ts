import type { ExpressionBuilder, ExpressionWrapper, SqlBool } from 'kysely';
import type { Tables } from './tables';

/** What must hold of a message before anything of it is taken away; part of the very statement that takes it. */
export type RetentionGuard = (
  message: ExpressionBuilder<Tables, 'message'>,
) => ExpressionWrapper<Tables, 'message', SqlBool>;

export const retentionGuards = {
  /** All of its events are in a seal, so that none can vanish without being seen. */
  isSealed: ({ not, exists, selectFrom }) =>
    not(
      exists(
        selectFrom('event')
          .select('event.sequence')
          .whereRef('event.message_id', '=', 'message.id')
          .where('event.seal', 'is', null),
      ),
    ),
  /** Nobody is about to do anything with it. */
  isIdle: ({ not, exists, selectFrom }) =>
    not(exists(selectFrom('due').select('due.id').whereRef('due.message_id', '=', 'message.id'))),
  /** Nobody keeps it. */
  isFree: ({ eb }) => eb('legal_hold', '=', eb.lit(0)),
} as const satisfies Record<string, RetentionGuard>;
