import { advanceMessage } from '../domain/advance-message';
import { isSettled } from '../domain/message';
import { reason } from '../domain/reason';
import { openSqliteConnection } from './sqlite-connection';
import { openSqliteLedger } from './sqlite-ledger';

const pageSize = 500;
const unanswered =
  'The ledger was restored from a backup meanwhile: nobody knows whether it was done. Look at the message, and ask again.';

/**
 * Marks a ledger that was brought back from a backup. Whatever was not settled then may have gone its way since: it is
 * held, and searched for where it may have been sent. Work on it is void; what a person asked for and was not done is
 * answered with that, since it may have been done since. The setting tells the sweep of the inbox to hold what this ledger
 * does not know, and the cleaning of custody to remove nothing.
 */
export async function markRestored(
  file: string,
  now: () => number,
): Promise<{ readonly held: number; readonly searched: number }> {
  const at = now();
  const counts = { held: 0, searched: 0 };
  const ledger = await openSqliteLedger({ file, now });
  try {
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
  } finally {
    await ledger.close();
  }
  removeVoidWork(file, at);
  return counts;
}

/** Nothing is owed by the machine now, so nothing of this work has anything to be about. */
function removeVoidWork(file: string, at: number): void {
  const connection = openSqliteConnection(file, 'write');
  try {
    connection.exec('begin immediate');
    connection.exec(
      `delete from due where kind in ('scan', 'decide', 'deliver', 'confirm')
       and message_id in (select id from message where mode <> 'observe')`,
    );
    connection.exec(
      `delete from due where kind = 'command' and subject in (select id from command where kind <> 'legal-hold')`,
    );
    connection.run({
      sql: `update command set done_at = ?, outcome = ? where done_at is null and kind <> 'legal-hold'`,
      parameters: [at, JSON.stringify({ done: false, text: unanswered })],
    });
    connection.exec('commit');
  } finally {
    connection.close();
  }
}
