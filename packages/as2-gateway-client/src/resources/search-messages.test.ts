import fc from 'fast-check';
import { buildInboxMessage } from '../testing/build-message';
import type { InboxMessage } from '../schemas/message';
import { matches, searchMessages } from './search-messages';
import type { SearchFilter } from './search-messages';

async function* each(ids: readonly string[]): AsyncGenerator<string> {
  yield* ids;
}

async function search(times: readonly (number | undefined)[], filter: SearchFilter) {
  let reads = 0;
  const found: string[] = [];
  const read = (id: string) => {
    reads += 1;
    const timestamp = times[Number(id)];
    const message = buildInboxMessage({ id });
    return Promise.resolve({ ...message, timestamp } as InboxMessage);
  };
  for await (const { id } of searchMessages(each(times.map((_time, index) => String(index))), read, filter))
    found.push(id);
  return { found: found.map(Number), reads };
}

describe('filters that the service does not have', () => {
  const time = fc.integer({ min: 0, max: 50 });

  it('find exactly what lies in the range, in any order of the list', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(time), time, time, async (times, since, until) => {
        const { found, reads } = await search(times, { since: new Date(since), until });
        const expected = times.flatMap((at, index) => (at >= since && at < until ? [index] : []));
        expect({ found, reads }).toEqual({ found: expected, reads: times.length });
      }),
    );
  });

  it('never drop a message for a time that it does not tell', async () => {
    expect((await search([undefined, 5], { since: 10 })).found).toEqual([0]);
  });

  it('end early only where the order is trusted', async () => {
    const times = Array.from({ length: 100 }, (_value, index) => 1000 - index);
    const filter = { since: 991, sort: 'desc' } as const;
    expect(await search(times, filter)).toEqual({ found: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], reads: 100 });
    expect(await search(times, { ...filter, assumeSortedByTime: true })).toEqual({
      found: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
      reads: 20,
    });
    const upwards = { until: 910, sort: 'asc', assumeSortedByTime: true } as const;
    expect(await search([...times].reverse(), upwards)).toMatchObject({
      found: [0, 1, 2, 3, 4, 5, 6, 7, 8],
      reads: 19,
    });
  });

  it.each([
    ['a date that is none', { since: new Date('soon') }],
    ['NaN', { until: Number.NaN }],
    ['text', { since: '2026-01-01' as unknown as Date }],
    ['an empty name', { attachmentName: '' }],
  ])('are refused where they would let everything through: %s', async (_what, filter) => {
    await expect(search([1, 2], filter)).rejects.toMatchObject({ name: 'InvalidRequestError' });
  });

  it('know an attachment by its exact name', () => {
    const message = buildInboxMessage({ attachmentNames: ['a.xml', 'b.xml'] });
    expect(matches(message, { attachmentName: 'b.xml' })).toBe(true);
    expect(matches(message, { attachmentName: 'b' })).toBe(false);
  });
});

describe('what the service was asked to filter', () => {
  const message = buildInboxMessage({ id: '<1@x>', station: 'HUB', partner: 'ACME', subject: 'Order 7' });

  it.each<[SearchFilter, boolean]>([
    [{ station: 'HUB', partner: 'ACME' }, true],
    [{ station: 'OTHER' }, false],
    [{ partner: 'OTHER' }, false],
    [{ id: '1@x' }, true],
    [{ id: '<2@x>' }, false],
    [{ subject: 'Order 7' }, true],
    [{ subject: 'order' }, true], // whether the service compares parts, or case, is not documented
    [{ subject: 'Invoice' }, false],
  ])('is filtered again: %j', (filter, expected) => {
    expect(matches(message, filter)).toBe(expected);
  });
});
