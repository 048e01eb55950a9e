import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CustodyDamagedError } from '../custody';
import { carryObjects } from './carry-objects';
import { openSealedDirectory } from './sealed-directory';
import type { SealedStore } from './sealed-store';

const keyOf = (number: number): string => number.toString(16).padStart(32, '0');
const async = async function* <Item>(items: readonly Item[]): AsyncGenerator<Item, void> {
  yield* items;
};

/** Objects in memory, given in pieces of three bytes. */
function memoryStore(
  objects = new Map<string, Buffer>(),
): SealedStore & { readonly objects: Map<string, Buffer> } {
  return {
    objects,
    read(key) {
      const bytes = objects.get(key);
      if (bytes === undefined) return Promise.resolve(undefined);
      const count = Math.ceil(bytes.length / 3);
      return Promise.resolve(
        async(Array.from({ length: count }, (_, index) => bytes.subarray(index * 3, index * 3 + 3))),
      );
    },
    async write(key, sealed) {
      const pieces: Buffer[] = [];
      for await (const piece of sealed) pieces.push(piece);
      objects.set(key, Buffer.concat(pieces));
    },
  };
}

const filled = (count: number): ReturnType<typeof memoryStore> =>
  memoryStore(
    new Map(Array.from({ length: count }, (_, index) => [keyOf(index), Buffer.from(`sealed ${index}`)])),
  );

const keysOf = (count: number): AsyncIterable<string> =>
  async(Array.from({ length: count }, (_, index) => keyOf(index)));

test('all objects are there, byte by byte; what was there already is not written again', async () => {
  const from = filled(25);
  const to = memoryStore();
  const first = await carryObjects({ from, to, keys: keysOf(10) });
  expect(first).toEqual({ objects: 10, known: 0, bytes: 80, missing: 0 });
  let written = 0;
  const counting: SealedStore = {
    read: to.read,
    write: (key, sealed) => to.write(key, sealed).then(() => void (written += 1)),
  };
  expect(await carryObjects({ from, to: counting, keys: keysOf(26) })).toMatchObject({
    objects: 25,
    known: 10,
    missing: 1,
  });
  expect(written).toBe(15);
  expect(to.objects).toEqual(from.objects);
});

test('another object under the same name is replaced', async () => {
  const from = filled(1);
  const to = memoryStore(new Map([[keyOf(0), Buffer.from('sealed 1')]]));
  expect(await carryObjects({ from, to, keys: keysOf(1) })).toMatchObject({ objects: 1, known: 0 });
  expect(to.objects).toEqual(from.objects);
});

test('a store that gives back other bytes is found out', async () => {
  const to = memoryStore();
  const altering: SealedStore = {
    ...to,
    async write(key, sealed) {
      await to.write(key, sealed);
      to.objects.get(key)?.fill(0, 0, 1);
    },
  };
  await expect(carryObjects({ from: filled(3), to: altering, keys: keysOf(3) })).rejects.toThrow(
    CustodyDamagedError,
  );
  // Also where it is found out while the next names are waited for.
  const slowly = async function* () {
    yield keyOf(0);
    await new Promise((resolve) => setTimeout(resolve, 50));
    yield keyOf(1);
  };
  await expect(carryObjects({ from: filled(3), to: altering, keys: slowly() })).rejects.toThrow(
    CustodyDamagedError,
  );
});

test('a directory is filled with files that only their owner reads', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'carry-test-'));
  try {
    const to = await openSealedDirectory(directory, { shared: true });
    const path = join(directory, 'objects', '00', keyOf(1));
    await carryObjects({ from: filled(3), to, keys: keysOf(3) });
    expect(readFileSync(path, 'utf8')).toBe('sealed 1');
    writeFileSync(path, 'altered');
    expect(await carryObjects({ from: filled(3), to, keys: keysOf(3) })).toMatchObject({
      objects: 3,
      known: 2,
    });
    expect(readFileSync(path, 'utf8')).toBe('sealed 1');
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
