import type { Parser } from '@mft-bridge/http-transport';
import { z } from 'zod';
import { optionalCount, tolerant } from './tolerant';

/** One page of a list. */
export interface ListPage<Item> {
  /** items on all pages; absent where the server did not say */
  readonly total?: number | undefined;
  /** those of this page, in the order of the server */
  readonly items: readonly Item[];
}

const page = tolerant(
  { filter_count: optionalCount, items: z.array(z.unknown()) },
  { filter_count: ['total_count'] },
);

/** Parses `{filter_count, items}` and its twin `{totalCount, items}`. */
export const listPage = <Item>(item: Parser<Item>): Parser<ListPage<Item>> => ({
  parse: (raw) => {
    const { filter_count: total, items: wires } = page.parse(raw);
    const items = wires.map((wire) => item.parse(wire));
    return total === undefined ? { items } : { total, items };
  },
});
