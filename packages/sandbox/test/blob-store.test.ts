import fc from 'fast-check';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { createBlobStore } from '../src/blob-store';
import type { BlobStore } from '../src/blob-store';

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
const directories = (): string[] =>
  readdirSync(tmpdir()).filter((name) => name.startsWith('mft-bridge-sandbox-'));

describe('blob store', () => {
  let store: BlobStore;
  let before: string[];
  beforeEach(() => {
    before = directories();
    store = createBlobStore({ memoryPerBlob: 1000, memoryInAll: 5000 });
  });
  afterEach(() => store.close());
  const mine = (): string[] => directories().filter((name) => !before.includes(name));

  it('gives back what was written in any order and sizes, in any range, in memory and on disk', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ minLength: 0, maxLength: 3000 }),
        fc.array(fc.nat(3000), { maxLength: 6 }),
        fc.infiniteStream(fc.nat(1000)),
        fc.nat(3000),
        fc.nat(3000),
        async (given, cuts, order, a, b) => {
          const content = Buffer.from(given);
          const bounds = [0, ...cuts.map((cut) => Math.min(cut, content.length)), content.length].sort(
            (x, y) => x - y,
          );
          const pieces = bounds
            .slice(1)
            .map((end, n) => ({ start: bounds[n] ?? 0, end, rank: order.next().value ?? 0 }));
          const writer = store.create();
          await Promise.all(
            [...pieces]
              .sort((x, y) => x.rank - y.rank)
              .map(({ start, end }) => writer.write(start, content.subarray(start, end))),
          );
          const blob = await writer.finish();
          const [start, end] = [a, b].map((value) => Math.min(value, content.length)).sort((x, y) => x - y);
          expect(blob.size).toBe(content.length);
          expect(await blob.sha256()).toBe(sha256(content));
          expect(await blob.bytes(start, end)).toEqual(content.subarray(start, end));
          expect(Buffer.concat(await blob.read(start, end).toArray())).toEqual(content.subarray(start, end));
          await blob.dispose();
        },
      ),
    );
  });

  it('keeps small content in memory and makes no directory for it', async () => {
    const blob = await store.fromBytes(Buffer.alloc(1000, 'a'));
    expect(blob.size).toBe(1000);
    expect(mine()).toEqual([]);
  });

  it('writes nothing in clear, into a directory for the owner alone', async () => {
    const marker = 'this text must not be found on disk ';
    const content = Buffer.from(marker.repeat(5000));
    const blob = await store.fromStream(
      Readable.from([content.subarray(0, 70_001), content.subarray(70_001)]),
    );
    const [name = ''] = mine();
    const directory = join(tmpdir(), name);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    const files = readdirSync(directory);
    expect(files).toHaveLength(1);
    const raw = readFileSync(join(directory, files[0] ?? ''));
    expect(raw.length).toBe(content.length);
    expect(raw.includes(marker)).toBe(false);
    expect(await blob.sha256()).toBe(sha256(content));
    await blob.dispose();
    expect(readdirSync(directory)).toEqual([]);
    await store.close();
    expect(existsSync(directory)).toBe(false);
  });

  it('goes to disk once the memory of all blobs is used up, and takes it again when it is free', async () => {
    const held = await Promise.all(Array.from({ length: 5 }, () => store.fromBytes(randomBytes(1000))));
    expect(mine()).toEqual([]);
    const more = await store.fromBytes(randomBytes(1000));
    const [name = ''] = mine();
    expect(readdirSync(join(tmpdir(), name))).toHaveLength(1);
    await Promise.all([...held, more].map((blob) => blob.dispose()));
    await store.fromBytes(randomBytes(1000));
    expect(readdirSync(join(tmpdir(), name))).toEqual([]);
  });

  it('keeps nothing of a stream that fails', async () => {
    const failing = Readable.from(
      (async function* () {
        yield randomBytes(2_000_000);
        await Promise.resolve();
        throw new Error('cut');
      })(),
    );
    await expect(store.fromStream(failing)).rejects.toThrow('cut');
    const [name = ''] = mine();
    expect(readdirSync(join(tmpdir(), name))).toEqual([]);
  });

  it('refuses a range outside the content, and reads after dispose', async () => {
    for (const bytes of [10, 10_000]) {
      const blob = await store.fromBytes(randomBytes(bytes));
      expect(() => blob.read(0, bytes + 1)).toThrow(RangeError);
      await blob.dispose();
      await expect(blob.bytes()).rejects.toThrow('thrown away');
    }
  });

  it('generates the same bytes for the same seed, others for another, from any position', async () => {
    const size = 3 * 1024 * 1024 + 7;
    const whole = await store.generated(size, 'a').bytes();
    expect(whole).toHaveLength(size);
    expect(await store.generated(size, 'a').sha256()).toBe(sha256(whole));
    const again = createBlobStore().generated(size, 'a');
    for (const [start, end] of [
      [1_048_575, 2_097_154],
      [65_530, 65_540],
      [131_070, 131_071],
      [0, 7],
      [size - 3, size],
    ] as const)
      expect(await again.bytes(start, end)).toEqual(whole.subarray(start, end));
    expect((await store.generated(100, 'b').bytes()).equals(whole.subarray(0, 100))).toBe(false);
  });

  it('generates content of which no two pieces are alike', async () => {
    const whole = await store.generated(3 * 1024 * 1024, 'a').bytes();
    const pieces = Array.from({ length: 48 }, (_, n) => sha256(whole.subarray(n * 65_536, (n + 1) * 65_536)));
    expect(new Set(pieces).size).toBe(48);
  });
});
