import { sameMessageId } from '../message-id';
import type { MessagePage } from '../schemas/message-page';
import { walkPages } from './walk-pages';

/** The parts of a query that matter to a walk. */
interface WalkQuery {
  readonly id?: string | undefined;
  readonly pageLength?: number | undefined;
}

/**
 * Drops ids that were not asked for. A filter that the service does not know under the name sent, or ignores beside
 * another one, lists too much; of a list of ids only the filter by id can be checked.
 */
export function filterAgain(page: MessagePage, { id }: WalkQuery): MessagePage {
  return id === undefined ? page : { ...page, ids: page.ids.filter((listed) => sameMessageId(listed, id)) };
}

/** All ids of a query, page after page. `readPage` gives pages as they came: a page may be full and hold none. */
export async function* listAll(
  readPage: (page: number) => Promise<MessagePage>,
  query: WalkQuery,
): AsyncGenerator<string> {
  for await (const ids of walkPages(readPage, { pageLength: query.pageLength ?? 100 })) {
    yield* filterAgain({ ids, received: ids.length }, query).ids;
  }
}
