import type { MessagePage } from '../schemas/message-page';

/** How far to walk. */
export interface WalkOptions {
  readonly pageLength: number;
  /** Requests at most. Default: no bound but the end of the list. */
  readonly maxPages?: number | undefined;
}

/**
 * The pages of a list, one after the other, until one is short or brings nothing new.
 *
 * Whether `pageOffset` counts pages or messages is not documented. It is taken for pages; when the second page is
 * the first one moved on by a single message, it counts messages, and the walk goes on in steps of whole pages.
 */
export async function* walkPages(
  readPage: (pageOffset: number) => Promise<MessagePage>,
  { pageLength, maxPages = Infinity }: WalkOptions,
): AsyncGenerator<readonly string[]> {
  const seen = new Set<string>();
  let step = 1;
  let offset = 0;
  for (let count = 0; count < maxPages; count += 1) {
    const page = await readPage(offset);
    if (offset === 1 && step === 1 && pageLength > 1 && isMovedByOne(page, seen)) {
      step = pageLength;
      offset = pageLength;
      continue;
    }
    const fresh = page.ids.filter((id) => !seen.has(id));
    for (const id of fresh) seen.add(id);
    if (fresh.length > 0) yield fresh;
    if (page.received < pageLength || fresh.length === 0) return;
    offset += step;
  }
}

function isMovedByOne({ ids }: MessagePage, seen: ReadonlySet<string>): boolean {
  const known = ids.filter((id) => seen.has(id)).length;
  return known > 0 && ids.length - known <= 1;
}
