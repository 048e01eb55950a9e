import { createHash, randomBytes } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { setImmediate as turn } from 'node:timers/promises';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import type { Sealer } from './seal-frames';
import { writeDeposit } from './write-deposit';

const mebibyte = 1024 * 1024;

/** Copies, since pieces of a scratch buffer are used again. */
const unsealed: Sealer = {
  header: Buffer.from('<'),
  update: (chunk) => [Buffer.from(chunk)],
  final: () => [Buffer.from('>')],
};

/** A file in memory whose writes may be partial. */
function memoryFile(most = Infinity): { file: FileHandle; written: () => Buffer } {
  const parts: Buffer[] = [];
  const writev = async (buffers: Buffer[]): Promise<{ bytesWritten: number }> => {
    const bytes = Buffer.concat(buffers).subarray(0, most);
    parts.push(Buffer.from(bytes));
    return { bytesWritten: bytes.length };
  };
  return { file: { writev } as unknown as FileHandle, written: () => Buffer.concat(parts) };
}

test('any chunks, through partial writes, arrive in order with size and hash', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof(fc.nat(40), fc.nat(70_000)), { maxLength: 30 }),
      fc.integer({ min: 500, max: 90_000 }),
      async (sizes, most) => {
        const chunks = sizes.map((size) => randomBytes(size));
        const plain = Buffer.concat(chunks);
        const { file, written } = memoryFile(most);
        const totals: number[] = [];
        const result = await writeDeposit(Readable.from(chunks), file, unsealed, {
          onBytes: (total) => totals.push(total),
        });
        expect(written().equals(Buffer.concat([Buffer.from('<'), plain, Buffer.from('>')]))).toBe(true);
        expect(result).toMatchObject({
          size: plain.length,
          sha256: createHash('sha256').update(plain).digest('hex'),
        });
        expect(result.head.equals(plain.subarray(0, 65_536))).toBe(true);
        expect(totals.at(-1) ?? 0).toBe(plain.length);
      },
    ),
    { numRuns: 50 },
  );
});

test('single bytes are gathered before they are sealed', async () => {
  const sealed: number[] = [];
  const counting: Sealer = {
    ...unsealed,
    update: (chunk) => (sealed.push(chunk.length), [Buffer.from(chunk)]),
  };
  const single = Array.from({ length: 200_000 }, (_, index) => Buffer.from([index % 256]));
  const { size } = await writeDeposit(Readable.from(single), memoryFile().file, counting);
  expect(size).toBe(200_000);
  expect(sealed.length).toBeLessThan(10);
});

test('a huge chunk is taken in steps', async () => {
  const steps: number[] = [];
  const counting: Sealer = {
    ...unsealed,
    update: (chunk) => (steps.push(chunk.length), [Buffer.from(chunk)]),
  };
  await writeDeposit(Readable.from([Buffer.alloc(5 * mebibyte + 1)]), memoryFile().file, counting);
  expect(Math.max(...steps)).toBe(mebibyte);
});

test('while a write does not end, no more than a few batches are taken from the source', async () => {
  let taken = 0;
  const source = Readable.from(
    (function* () {
      for (; taken < 64 * mebibyte; taken += 65_536) yield Buffer.alloc(65_536);
    })(),
    { objectMode: false },
  );
  let release = (): void => undefined;
  const blocked = new Promise<void>((resolve) => (release = resolve));
  const writev = async (buffers: Buffer[]): Promise<{ bytesWritten: number }> => {
    await blocked;
    return { bytesWritten: Buffer.concat(buffers).length };
  };
  const writing = writeDeposit(source, { writev }, unsealed);
  for (let round = 0; round < 2000; round += 1) await turn();
  expect(taken).toBeGreaterThan(mebibyte);
  expect(taken).toBeLessThan(4 * mebibyte);
  release();
  expect((await writing).size).toBe(64 * mebibyte);
});

test('a stream that is destroyed before its end is an error, not a shorter file', async () => {
  const source = new Readable({ read: () => undefined });
  source.push(Buffer.alloc(100_000));
  setImmediate(() => source.destroy());
  await expect(writeDeposit(source, memoryFile().file, unsealed)).rejects.toThrow(/premature/i);
});

test('an error of the source, of the file, of the listener, or of the room check ends it and frees the source', async () => {
  const broken = new Error('broken');
  const fail = (): never => {
    throw broken;
  };
  const failing = { writev: async () => fail() } as unknown as FileHandle;
  const endless = (): Readable => new Readable({ read: () => undefined });
  const many = (): Readable => Readable.from(Array.from({ length: 64 }, () => Buffer.alloc(mebibyte)));

  const cut = endless();
  setImmediate(() => cut.destroy(broken));
  await expect(writeDeposit(cut, memoryFile().file, unsealed)).rejects.toBe(broken);

  for (const [file, options] of [
    [failing, {}],
    [memoryFile().file, { onBytes: fail }],
  ] as const) {
    const source = many();
    await expect(writeDeposit(source, file, unsealed, options)).rejects.toBe(broken);
    expect(source.destroyed).toBe(true);
  }

  let checks = 0;
  const checkRoom = async (): Promise<void> => {
    if (++checks === 3) throw broken;
  };
  const { file, written } = memoryFile();
  await expect(writeDeposit(many(), file, unsealed, { checkRoom })).rejects.toBe(broken);
  expect(written().length).toBeLessThan(34 * mebibyte);
});
