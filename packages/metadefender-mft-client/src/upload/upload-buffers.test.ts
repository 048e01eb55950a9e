import fc from 'fast-check';
import { createUploadBuffers } from './upload-buffers';
import type { Loan } from './upload-buffers';

const MIB = 1024 * 1024;
const never = new AbortController().signal;

test('more than the bound is never lent, and everybody is served in the end, in order', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 20 }),
      async (wishes) => {
        const buffers = createUploadBuffers(4 * MIB);
        const order: number[] = [];
        let out = 0;
        await Promise.all(
          wishes.map(async (wish, index) => {
            const loan = await buffers.lend(wish * MIB, new AbortController().signal);
            order.push(index);
            out += wish;
            expect(out).toBeLessThanOrEqual(4);
            await new Promise(setImmediate);
            out -= wish;
            loan.giveBack(true);
          }),
        );
        expect(order).toEqual(wishes.map((_, index) => index));
      },
    ),
    { numRuns: 20 },
  );
});

test('a wish above the bound is granted when nothing else is out', async () => {
  const loan = await createUploadBuffers(MIB).lend(2 * MIB, never);
  expect(loan.buffer).toHaveLength(2 * MIB);
});

test('a buffer is used again only when it was given back as reusable', async () => {
  const buffers = createUploadBuffers(2 * MIB);
  const first = await buffers.lend(MIB, never);
  first.giveBack(true);
  const second = await buffers.lend(MIB, never);
  expect(second.buffer).toBe(first.buffer);
  second.giveBack(false);
  expect((await buffers.lend(MIB, never)).buffer).not.toBe(first.buffer);
});

test('small files of every length leave room for the chunks of large ones', async () => {
  const buffers = createUploadBuffers(2 * MIB);
  for (let length = MIB - 100; length < MIB; length += 1) (await buffers.lend(length, never)).giveBack(true);
  const chunk = await buffers.lend(2 * MIB, never);
  chunk.giveBack(true);
  expect((await buffers.lend(2 * MIB, never)).buffer).toBe(chunk.buffer);
});

test('giving back twice frees nothing that somebody else holds', async () => {
  const buffers = createUploadBuffers(MIB);
  const first = await buffers.lend(MIB, never);
  first.giveBack(true);
  first.giveBack(true);
  await buffers.lend(MIB, never);
  let third: Loan | undefined;
  void buffers.lend(MIB, never).then((loan) => (third = loan));
  await new Promise(setImmediate);
  expect(third).toBeUndefined();
});

test('who gives up waiting leaves the line, and those behind move up', async () => {
  const buffers = createUploadBuffers(2 * MIB);
  const first = await buffers.lend(MIB, never);
  const stop = new AbortController();
  const large = buffers.lend(2 * MIB, stop.signal);
  const small = buffers.lend(MIB, never);
  stop.abort(new Error('enough'));
  await expect(large).rejects.toThrow('enough');
  await expect(small).resolves.toBeDefined();
  first.giveBack(true);
});
