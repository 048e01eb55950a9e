import type { Message } from '../../domain/message';

/** One id as it stands in a list of all messages, newest first. */
export interface ListedId {
  readonly id: string;
  /** What is known under it, oldest first. */
  readonly known: readonly Message[];
  /** The gateway's time of the newest copy that is known; null where nothing is. */
  readonly time: number | null;
}

/** Finds copies that the ledger does not know among ids that it does: partners use an id again. */
export interface DoubleSearch {
  /** The ids of a page that must be looked at. `received` counts its entries before doubles were dropped. */
  suspects(page: readonly ListedId[], received: number): readonly string[];
}

const copiesOf = (known: readonly Message[]): number =>
  known.reduce((sum, { resends }) => sum + 1 + resends, 0);

/**
 * The lists hold ids only, so a second copy that somebody else marked read shows by one of three signs: the id stands
 * there more often than it is known; a page hides more doubles than are known; or it stands further up than its time
 * allows. `looked` remembers what was looked at in vain (an older copy that is unknown cannot be asked for), by the
 * number of copies known then.
 */
export function createDoubleSearch(looked: Map<string, number>): DoubleSearch {
  const count = new Map<string, number>();
  let last: ListedId | undefined;

  return {
    suspects(page, received) {
      const found = new Set<ListedId>();
      for (const entry of page) {
        const times = (count.get(entry.id) ?? 0) + 1;
        count.set(entry.id, times);
        if (times > copiesOf(entry.known)) found.add(entry);
      }
      for (const entry of hidden(page, received)) found.add(entry);
      for (const entry of outOfOrder(last === undefined ? page : [last, ...page])) found.add(entry);
      last = page.at(-1);
      return [...found].flatMap(({ id, known }) => {
        const copies = copiesOf(known);
        // What is not known at all is taken anyway.
        if (copies === 0 || looked.get(id) === copies) return [];
        looked.set(id, copies);
        return [id];
      });
    },
  };
}

/** All of a page whose doubles are more than its ids are known for: nobody says which it is. Pure. */
function hidden(page: readonly ListedId[], received: number): readonly ListedId[] {
  // Copies of an id that is just being taken are explained the next time.
  if (page.some(({ known }) => known.length === 0)) return [];
  const explained = page.reduce((sum, { known }) => sum + copiesOf(known) - 1, 0);
  return received - page.length > explained ? page : [];
}

/** Those that stand before one that came later than they did, as far as is known. Pure. */
function outOfOrder(entries: readonly ListedId[]): readonly ListedId[] {
  const found: ListedId[] = [];
  let below = -Infinity;
  for (const entry of [...entries].reverse()) {
    if (entry.time === null) continue;
    if (entry.time < below) found.push(entry);
    // One with several copies may stand here for an older one.
    else if (copiesOf(entry.known) === 1) below = entry.time;
  }
  return found;
}
