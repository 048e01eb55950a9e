import { InvalidRequestError } from '@mft-bridge/http-transport';
import type { ListPage } from '../schemas/list-page';

/** A list that is fetched page by page as it is read. */
export interface Paged<Item> extends AsyncIterable<Item> {
  /** the pages themselves, with the server's total where it gave one */
  pages(): AsyncIterable<ListPage<Item>>;
  /**
   * Reads the list into memory.
   *
   * @param options.limit at most this many items; no more pages are fetched than these need
   * @throws InvalidRequestError without a limit: a list may be longer than memory
   */
  toArray(options: { readonly limit: number }): Promise<readonly Item[]>;
}

/**
 * The list may change while it is read: an item that moves from a later page to an earlier one is then missed, one that moves the other
 * way is seen twice.
 *
 * @param count items of a page
 * @param idOf tells items apart: a server that gives no total and the same page again has no more
 */
export function paged<Item>(
  count: number,
  idOf: (item: Item) => string,
  fetchPage: (window: { readonly start: number; readonly count: number }) => Promise<ListPage<Item>>,
): Paged<Item> {
  async function* pages(): AsyncGenerator<ListPage<Item>, void, undefined> {
    let before = '';
    for (let start = 0; ;) {
      const page = await fetchPage({ start, count });
      const ids = page.items.map(idOf).join('\n');
      // Without a total nothing but a page that brings nothing new ends the list; a short page may be the server's own limit.
      if (page.total === undefined && start > 0 && (ids === '' || ids === before)) return;
      yield page;
      before = ids;
      start += page.items.length;
      // An empty page ends the list even if the total says otherwise: else a wrong total would be asked for ever.
      if (page.items.length === 0 || start >= (page.total ?? Infinity)) return;
    }
  }
  async function* items(): AsyncGenerator<Item, void, undefined> {
    for await (const page of pages()) yield* page.items;
  }
  return {
    [Symbol.asyncIterator]: items,
    pages,
    // From JavaScript the limit may be missing, and NaN would be no limit at all.
    toArray: async (options: { readonly limit?: number } | undefined) => {
      const limit = options?.limit ?? Number.NaN;
      if (Number.isNaN(limit))
        throw new InvalidRequestError({
          operation: 'toArray',
          message: 'toArray() was given no limit.',
          hint: 'Pass { limit: 1000 }, or read the list with for await.',
        });
      const found: Item[] = [];
      if (limit <= 0) return found;
      for await (const item of items()) {
        found.push(item);
        if (found.length >= limit) break;
      }
      return found;
    },
  };
}
