import type { Kysely } from 'kysely';
import { aggregateRead } from './aggregate-read';
import type { Ledger } from './ledger';
import type { ReadSource } from './read-source';
import type { Tables } from './tables';

/** The cursor was not given by this list. */
export class InvalidCursorError extends Error {
  override readonly name = 'InvalidCursorError';
}

interface Position {
  readonly takenAt: number;
  readonly id: string;
}

interface PageQuery extends Position {
  readonly limit: number;
  readonly state: string;
}

/** Before every message there is. */
const newest: Position = { takenAt: Number.MAX_SAFE_INTEGER, id: '' };

/** Pages of messages, newest first; a page costs the same wherever it stands. @throws InvalidCursorError */
export function createMessageList(db: Kysely<Tables>, source: ReadSource): Ledger['messages']['list'] {
  const page = (ofState: boolean): ReturnType<typeof aggregateRead<PageQuery>> =>
    aggregateRead<PageQuery>(
      db,
      (from, slot) =>
        from
          .selectFrom('message')
          .select('message.id')
          .$if(ofState, (query) => query.where('message.state', '=', slot('state')))
          .where(({ eb, refTuple, tuple }) =>
            eb(refTuple('message.taken_at', 'message.id'), '<', tuple(slot('takenAt'), slot('id'))),
          )
          .orderBy('message.taken_at', 'desc')
          .orderBy('message.id', 'desc')
          .limit(slot('limit')),
      'desc',
    );
  const ofAll = page(false);
  const ofState = page(true);

  return async ({ state, limit, cursor }) => {
    const position = cursor === undefined ? newest : decodeCursor(cursor);
    const values = { ...position, state: state ?? '', limit: limit + 1 };
    const found = await (state === undefined ? ofAll : ofState)(source, values);
    const items = found.slice(0, limit);
    const last = items.at(-1);
    if (found.length <= limit || last === undefined) return { items };
    return { items, next: encodeCursor({ takenAt: last.message.takenAt, id: last.message.id }) };
  };
}

function encodeCursor({ takenAt, id }: Position): string {
  return Buffer.from(`${takenAt} ${id}`).toString('base64url');
}

function decodeCursor(cursor: string): Position {
  const match = /^(\d{1,16}) (.+)$/s.exec(Buffer.from(cursor, 'base64url').toString());
  const [, takenAt, id] = match ?? [];
  if (takenAt === undefined || id === undefined) {
    throw new InvalidCursorError(
      'The cursor is not one of this list. Ask for the first page again, without a cursor.',
    );
  }
  return { takenAt: Number(takenAt), id };
}
