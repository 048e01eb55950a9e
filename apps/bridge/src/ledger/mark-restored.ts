import type { Kysely } from 'kysely';
import { advanceMessage } from '../domain/advance-message';
import { isSettled } from '../domain/message';
import { reason } from '../domain/reason';
import type { Ledger } from './ledger';
import type { Statement } from './statement';
import type { Tables } from './tables';

const pageSize = 500;
const unanswered =
  'The ledger was restored from a backup meanwhile: nobody knows whether it was done. Look at the message, and ask again.';

/** What was marked. */
export interface RestoreMarks {
  /** Messages that are held now. */
  readonly held: number;
  /** Deliveries that are searched for. */
  readonly searched: number;
}

/**
 * Marks a ledger that was brought back from a backup. Whatever was not settled then may have gone its way since: it is
 * held, and searched for where it may have been sent. The setting tells the sweep of the inbox to hold what this ledger
 * does not know, and the cleaning of custody to remove nothing. `voidWork` belongs to it.
 */
export async function markRestored(ledger: Ledger, at: number): Promise<RestoreMarks> {
  const counts = { held: 0, searched: 0 };
  await ledger.due.voidLeases(at);
  for (let cursor: string | undefined; ;) {
    const page = await ledger.messages.list({
      limit: pageSize,
      ...(cursor === undefined ? {} : { cursor }),
    });
    const unfinished = page.items.filter(
      // In mode observe nothing is ever sent: its work simply goes on.
      ({ message }) => !isSettled(message) && message.mode !== 'observe',
    );
    // Together, so that they share commits.
    await Promise.all(
      unfinished.map(async ({ message: before }) => {
        const event = { type: 'restored', reasons: [reason('after-restore')] } as const;
        const { message: after, effects } = advanceMessage(before, event);
        await ledger.commit({ before, after, events: [event], next: effects, at });
        counts.held += 1;
        counts.searched += effects.filter(({ kind }) => kind === 'reconcile').length;
      }),
    );
    cursor = page.next;
    if (cursor === undefined) break;
  }
  await ledger.settings.set('after-restore', JSON.stringify({ at }));
  return counts;
}

/**
 * Nothing is owed by the machine in a ledger that was marked, so nothing of its work has anything to be about. What a
 * person asked for and was not done is answered with that, since it may have been done since. A legal hold is carried out.
 */
export function voidWork(db: Kysely<Tables>, at: number): readonly Statement[] {
  const others = db.selectFrom('command').select('id').where('kind', '<>', 'legal-hold');
  return [
    db
      .deleteFrom('due')
      .where('kind', 'in', ['scan', 'decide', 'deliver', 'confirm'])
      .where('message_id', 'in', db.selectFrom('message').select('id').where('mode', '<>', 'observe'))
      .compile(),
    db.deleteFrom('due').where('kind', '=', 'command').where('subject', 'in', others).compile(),
    db
      .updateTable('command')
      .set({ done_at: at, outcome: JSON.stringify({ done: false, text: unanswered }) })
      .where('done_at', 'is', null)
      .where('kind', '<>', 'legal-hold')
      .compile(),
  ].map(({ sql, parameters }) => ({ sql, parameters }));
}
