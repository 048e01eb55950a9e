import fc from 'fast-check';
import { walkPages } from './walk-pages';

function server(ids: readonly string[], pageLength: number, unit: 'pages' | 'messages') {
  const asked: number[] = [];
  const readPage = (offset: number) => {
    asked.push(offset);
    const start = unit === 'pages' ? offset * pageLength : offset;
    const page = ids.slice(start, start + pageLength);
    return Promise.resolve({ ids: page, received: page.length });
  };
  return { asked, readPage };
}

async function walk(readPage: ReturnType<typeof server>['readPage'], pageLength: number, maxPages?: number) {
  const found: string[] = [];
  for await (const ids of walkPages(readPage, { pageLength, maxPages })) found.push(...ids);
  return found;
}

const ids = (count: number) => Array.from({ length: count }, (_, index) => `<${String(index)}@x>`);

describe('walkPages', () => {
  it.each(['pages', 'messages'] as const)(
    'finds each message once when the offset counts %s',
    async (unit) => {
      await fc.assert(
        fc.asyncProperty(fc.nat(60), fc.integer({ min: 1, max: 15 }), async (count, pageLength) => {
          const { asked, readPage } = server(ids(count), pageLength, unit);
          expect(await walk(readPage, pageLength)).toEqual(ids(count));
          expect(asked.length).toBeLessThanOrEqual(Math.ceil(count / pageLength) + 2);
        }),
      );
    },
  );

  it('ends with a server that always gives the first page', async () => {
    const { readPage } = server(ids(10), 10, 'pages');
    expect(await walk(() => readPage(0), 10)).toEqual(ids(10));
  });

  it('asks no further after a short page, nor beyond the bound', async () => {
    const short = server(ids(3), 10, 'pages');
    await walk(short.readPage, 10);
    expect(short.asked).toEqual([0]);
    const long = server(ids(100), 10, 'pages');
    expect(await walk(long.readPage, 10, 3)).toEqual(ids(30));
    expect(long.asked).toEqual([0, 1, 2]);
  });
});
