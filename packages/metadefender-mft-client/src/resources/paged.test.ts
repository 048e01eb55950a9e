import { paged } from './paged';

const list = (items: readonly string[], total: number | undefined, most = 1000) => {
  const starts: number[] = [];
  const pages = paged<string>(
    3,
    (item) => item,
    async ({ start, count }) => {
      starts.push(start);
      const page = items.slice(start, start + Math.min(count, most));
      return total === undefined ? { items: page } : { total, items: page };
    },
  );
  return { pages, starts };
};
const seven = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];

test('a total ends the list', async () => {
  const { pages, starts } = list(seven, 7);
  expect(await pages.toArray({ limit: 100 })).toEqual(seven);
  expect(starts).toEqual([0, 3, 6]);
});

test('without a total a page that brings nothing does', async () => {
  const { pages } = list(seven, undefined);
  expect(await pages.toArray({ limit: 100 })).toEqual(seven);
});

test('a server that gives smaller pages than asked for is read to its end', async () => {
  expect(await list(seven, undefined, 2).pages.toArray({ limit: 100 })).toEqual(seven);
  expect(await list(seven, 7, 2).pages.toArray({ limit: 100 })).toEqual(seven);
});

test('a server that knows no pages is not asked for ever', async () => {
  const again = paged<string>(
    3,
    (item) => item,
    async () => ({ items: ['a', 'b'] }),
  );
  expect(await again.toArray({ limit: 100 })).toEqual(['a', 'b']);
});

test('a total that is too high is not asked for ever', async () => {
  expect(await list(seven, 1000).pages.toArray({ limit: 100 })).toEqual(seven);
});

test('the pages themselves can be read, and no more than the limit is fetched', async () => {
  const { pages, starts } = list(seven, 7);
  const sizes: number[] = [];
  for await (const page of pages.pages()) sizes.push(page.items.length);
  expect(sizes).toEqual([3, 3, 1]);
  starts.length = 0;
  expect(await pages.toArray({ limit: 3 })).toEqual(['a', 'b', 'c']);
  expect(await pages.toArray({ limit: 0 })).toEqual([]);
  expect(starts).toEqual([0]);
});
