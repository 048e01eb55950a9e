import type { Kysely } from 'kysely';
import { sql } from 'kysely';
import type { ReadSource } from '../read-source';
import { template } from '../statement';
import type { Tables } from '../tables';
import type { Finding } from './finding';
import { finding } from './finding';

/** Tables whose every row is of a message. */
const parts = ['event', 'attachment', 'obligation', 'delivery', 'due', 'command'] as const;

/** Rows that are told one by one, at most. */
const most = 200;

interface Orphans {
  /** A string where the server counts in 64 bits. */
  readonly count: number | string;
  readonly example: string | null;
}

/**
 * Finds what belongs to a message that is not there: retention takes all of a message in one program, and nobody who goes
 * from message to message comes by what is left of one that somebody else took away. One finding for each table, however
 * many rows there are.
 */
export async function checkOrphans(db: Kysely<Tables>, source: ReadSource): Promise<Finding[]> {
  const answers = await source.read(parts.map((part) => orphansIn(db, part)({})));
  const [nameless] = await source.read([workOfNoCommand(db)({ limit: most })]);
  const asked = nameless.map(({ message_id: id, subject }) =>
    finding('work', id, `work "command" is due for ${subject}, which nobody asked for`),
  );
  const orphans = parts.flatMap((part, index) => {
    const [row] = answers[index] ?? [];
    if (row === undefined || row.example === null) return [];
    const problem = `rows in "${part}" of messages that are not there: ${row.count}, of this one among them`;
    return [finding('removal', row.example, problem)];
  });
  return [...orphans, ...asked];
}

// All of them have the one column that counts here; the types of a join over any of them would be none.
const orphansIn = (db: Kysely<Tables>, part: (typeof parts)[number]) =>
  template<object, Orphans>(() =>
    db
      .selectFrom(`${part as 'event'} as part`)
      .leftJoin('message', 'message.id', 'part.message_id')
      .select((row) => [
        row.fn.countAll<number | string>().as('count'),
        row.fn.min<string | null>('part.message_id').as('example'),
      ])
      .where('message.id', 'is', null)
      .compile(),
  );

const workOfNoCommand = (db: Kysely<Tables>) =>
  template<{ limit: number }, { message_id: string; subject: string }>((slot) =>
    db
      .selectFrom('due')
      .leftJoin('command', 'command.id', 'due.subject')
      .select(['due.message_id', 'due.subject'])
      .where('due.kind', '=', sql.lit('command'))
      .where('command.id', 'is', null)
      .limit(slot('limit'))
      .compile(),
  );
