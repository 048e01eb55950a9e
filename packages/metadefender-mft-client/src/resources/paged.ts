import type { ListPage } from '../schemas/file-summary';

/** A list that is fetched page by page as it is read. */
export interface Paged<Item> extends AsyncIterable<Item> {
  /** the pages themselves, with the server's total */
  pages(): AsyncIterable<ListPage<Item>>;
  /** @param options.limit at most this many items */
  toArray(options: { readonly limit: number }): Promise<readonly Item[]>;
}

/**
 * The list may change while it is read: an item that moves from a later page to an earlier one is then missed, one that moves the other
 * way is seen twice.
 *
 * @param count items of a page
 */
export function paged<Item>(
  count: number,
  fetchPage: (window: { readonly start: number; readonly count: number }) => Promise<ListPage<Item>>,
): Paged<Item> {
  async function* pages(): AsyncGenerator<ListPage<Item>, void, undefined> {
    for (let start = 0; ;) {
      const page = await fetchPage({ start, count });
      yield page;
      start += page.items.length;
      // An empty page ends the list even if the total says otherwise: else a wrong total would be asked for ever.
      if (page.items.length === 0 || start >= page.total) return;
    }
  }
  async function* items(): AsyncGenerator<Item, void, undefined> {
    for await (const page of pages()) yield* page.items;
  }
  return {
    [Symbol.asyncIterator]: items,
    pages,
    toArray: async ({ limit }) => {
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
