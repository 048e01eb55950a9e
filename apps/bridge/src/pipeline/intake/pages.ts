/** Messages of one request, the most that the gateway gives. */
export const pageLength = 100;

export interface Page {
  readonly ids: readonly string[];
  /** Entries before doubles were dropped. */
  readonly received: number;
}

/** A list, read page after page. */
export interface Pages {
  next(): Promise<Page>;
}

/**
 * Whether the gateway's `pageOffset` counts pages or messages is not documented. It is taken for pages; where the second
 * page is the first one moved on by a single message, it counts messages, and steps of a whole page are made.
 */
export function createPages(read: (offset: number) => Promise<Page>, from = 0): Pages {
  let first: Page | undefined;
  let offset = from;
  let step = 1;
  return {
    async next() {
      const page = await read(offset);
      if (offset === from + 1 && step === 1 && first !== undefined && isMovedByOne(first, page)) {
        step = pageLength;
        offset = from + pageLength + step;
        return read(from + pageLength);
      }
      first ??= page;
      offset += step;
      return page;
    },
  };
}

function isMovedByOne(first: Page, second: Page): boolean {
  const seen = new Set(first.ids);
  const fresh = second.ids.filter((id) => !seen.has(id));
  return fresh.length < second.ids.length && fresh.length <= 1;
}
