import { filterAgain, listAll } from './list-all';

describe('a list by id', () => {
  const all = Array.from({ length: 250 }, (_value, index) => `<${String(index)}@x>`);
  const readPage = (page: number) => {
    const ids = all.slice(page * 100, page * 100 + 100);
    return Promise.resolve({ ids, received: ids.length });
  };

  it('is filtered again where the service did not filter', () => {
    const page = { ids: ['<1@x>', '<2@x>'], received: 2 };
    expect(filterAgain(page, { id: '2@x' })).toEqual({ ids: ['<2@x>'], received: 2 });
    expect(filterAgain(page, {})).toBe(page);
  });

  it('goes on over full pages that hold nothing of it', async () => {
    const found: string[] = [];
    for await (const id of listAll(readPage, { id: '<249@x>' })) found.push(id);
    expect(found).toEqual(['<249@x>']);
  });
});
