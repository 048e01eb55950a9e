import { createHash, createSecretKey, randomBytes } from 'node:crypto';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { CustodyDamagedError } from './custody';
import { frameFormat, sealedSize } from './frame-format';
import type { KeyRing, RingKey } from './key-ring';
import { openFrames } from './open-frames';
import { createSealer } from './seal-frames';

const frameBytes = 4096;
const key: RingKey = { id: 'a1b2c3d4e5f60718', secret: createSecretKey(randomBytes(32)) };
const other: RingKey = { id: '00000000000000ff', secret: createSecretKey(randomBytes(32)) };
const ringOf = (...keys: RingKey[]): KeyRing => ({
  newest: keys[0]!,
  keys,
  find: (id) => keys.find((one) => one.id === id),
});

let directory: string;
beforeAll(async () => (directory = await mkdtemp(join(tmpdir(), 'frames-'))));
afterAll(() => rm(directory, { recursive: true }));

function seal(plain: Buffer, cuts: readonly number[] = [], name = 'object', by = key): Buffer {
  const sealer = createSealer({ key: by, name, frameBytes });
  const edges = [0, ...cuts.map((cut) => cut % (plain.length + 1)).sort((a, b) => a - b), plain.length];
  const parts = edges.slice(1).flatMap((edge, index) => sealer.update(plain.subarray(edges[index], edge)));
  return Buffer.concat([
    sealer.header,
    ...parts,
    ...sealer.final(createHash('sha256').update(plain).digest()),
  ]);
}

/** All that was given before the end or the error. */
async function read(
  sealed: Buffer,
  options: { start?: number; name?: string; ring?: KeyRing } = {},
): Promise<{ given: Buffer; error: unknown }> {
  const path = join(directory, 'file');
  await writeFile(path, sealed);
  const file = await open(path, 'r');
  const given: Buffer[] = [];
  try {
    const { start = 0, name = 'object', ring = ringOf(key) } = options;
    for await (const bytes of openFrames(file, { keyRing: ring, name, start })) given.push(bytes);
    return { given: Buffer.concat(given), error: undefined };
  } catch (error) {
    return { given: Buffer.concat(given), error };
  } finally {
    await file.close();
  }
}

const content = fc
  .oneof(
    fc.nat(3 * frameBytes + 2),
    fc.constantFrom(0, 1, frameBytes - 1, frameBytes, frameBytes + 1, 2 * frameBytes),
    // More than is read at once.
    fc.integer({ min: 16 * frameBytes, max: 18 * frameBytes + 2 }),
  )
  .map((size) => randomBytes(size));

test('any content in any chunks comes back, and its sealed size is known beforehand', async () => {
  await fc.assert(
    fc.asyncProperty(content, fc.array(fc.nat(), { maxLength: 8 }), async (plain, cuts) => {
      const sealed = seal(plain, cuts);
      expect(sealed.length).toBe(sealedSize(plain.length, frameBytes));
      const { given, error } = await read(sealed);
      expect(error).toBeUndefined();
      expect(given.equals(plain)).toBe(true);
    }),
  );
});

test('it can be read from any byte on', async () => {
  await fc.assert(
    fc.asyncProperty(content, fc.nat(), async (plain, seed) => {
      const start = seed % (plain.length + 1);
      const { given, error } = await read(seal(plain), { start });
      expect(error).toBeUndefined();
      expect(given.equals(plain.subarray(start))).toBe(true);
    }),
  );
  expect((await read(seal(Buffer.alloc(10)), { start: 11 })).error).toBeInstanceOf(RangeError);
});

test('any flipped bit is detected, and no wrong byte is given before', async () => {
  await fc.assert(
    fc.asyncProperty(content, fc.nat(), fc.nat(7), async (plain, place, bit) => {
      const sealed = seal(plain);
      const at = place % sealed.length;
      sealed.writeUInt8(sealed.readUInt8(at) ^ (1 << bit), at);
      const { given, error } = await read(sealed);
      expect(error).toBeInstanceOf(CustodyDamagedError);
      expect(given.equals(plain.subarray(0, given.length))).toBe(true);
    }),
    { numRuns: 300 },
  );
});

test('any cut, and anything added behind, is detected before the first byte', async () => {
  await fc.assert(
    fc.asyncProperty(content, fc.nat(), fc.boolean(), async (plain, amount, cut) => {
      const sealed = seal(plain);
      const changed = cut
        ? sealed.subarray(0, amount % sealed.length)
        : Buffer.concat([sealed, randomBytes(1 + (amount % (2 * frameBytes)))]);
      const { given, error } = await read(changed);
      expect(error).toBeInstanceOf(CustodyDamagedError);
      expect(given).toHaveLength(0);
    }),
    { numRuns: 300 },
  );
});

test.each([0, 1, 2])('a whole frame cut off at its edge, with the end kept: %i frames left', async (left) => {
  const { headerBytes, tagBytes, closingBytes } = frameFormat;
  const sealed = seal(randomBytes(3 * frameBytes));
  const kept = sealed.subarray(0, headerBytes + left * (frameBytes + tagBytes));
  const { given, error } = await read(Buffer.concat([kept, sealed.subarray(-closingBytes)]));
  expect(error).toBeInstanceOf(CustodyDamagedError);
  expect(given).toHaveLength(0);
});

test('frames in another order, from another object, or under another name do not open', async () => {
  const step = frameBytes + frameFormat.tagBytes;
  const frame = (sealed: Buffer, index: number): Buffer =>
    sealed.subarray(48 + index * step, 48 + (index + 1) * step);
  const plain = randomBytes(3 * frameBytes);
  const sealed = seal(plain);
  const swapped = Buffer.concat([
    sealed.subarray(0, 48),
    frame(sealed, 1),
    frame(sealed, 0),
    sealed.subarray(48 + 2 * step),
  ]);
  expect((await read(swapped)).error).toBeInstanceOf(CustodyDamagedError);

  const foreign = Buffer.from(sealed);
  frame(seal(plain), 1).copy(foreign, 48 + step);
  const { given, error } = await read(foreign);
  expect(error).toBeInstanceOf(CustodyDamagedError);
  expect(given.equals(plain.subarray(0, frameBytes))).toBe(true);

  expect((await read(sealed, { name: 'other' })).error).toBeInstanceOf(CustodyDamagedError);
});

test.each([
  ['small', 10_240, 1],
  ['empty', 0, 1],
  ['large', 16 * frameBytes, 18],
])('a %s object of %i bytes is read in %i reads', async (_, size, expected) => {
  const sealed = seal(randomBytes(size));
  let reads = 0;
  const source = {
    stat: () => Promise.resolve({ size: sealed.length }),
    read: (into: Buffer, offset: number, length: number, position: number) => {
      reads += 1;
      return Promise.resolve({ bytesRead: sealed.copy(into, offset, position, position + length) });
    },
  };
  let given = 0;
  for await (const bytes of openFrames(source, { keyRing: ringOf(key), name: 'object' }))
    given += bytes.length;
  expect([given, reads]).toEqual([size, expected]);
});

test('older keys of the ring still open; a key that is not in the ring is named', async () => {
  const sealed = seal(Buffer.from('orders'), [], 'object', other);
  expect((await read(sealed, { ring: ringOf(key, other) })).given.toString()).toBe('orders');
  const { error } = await read(sealed, { ring: ringOf(key) });
  expect(error).toBeInstanceOf(CustodyDamagedError);
  expect(String(error)).toContain(other.id);
});

test('the same bytes never look the same twice', () => {
  const plain = Buffer.alloc(2 * frameBytes);
  const [one, two] = [seal(plain), seal(plain)];
  expect(one.subarray(48).equals(two.subarray(48))).toBe(false);
  expect(one.subarray(48, 48 + 100).equals(one.subarray(48 + frameBytes + 16, 48 + frameBytes + 116))).toBe(
    false,
  );
});

test('a frame size that is not of the format is refused', () => {
  expect(() => createSealer({ key, name: 'object', frameBytes: 5000 })).toThrow(RangeError);
  expect(() => createSealer({ key, name: 'object', frameBytes: 2 ** 25 })).toThrow(RangeError);
});
