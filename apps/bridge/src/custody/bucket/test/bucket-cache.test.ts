/** Copies on a local disk: they spare requests, and never count. */
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openSealedCache } from '../../sealed-cache';
import { bucketFixture, severalParts } from './bucket-fixture';

jest.setTimeout(180_000);

const fixture = bucketFixture();
const directory = (): string => join(fixture.root, 'cache');
const copies = async (): Promise<readonly string[]> => (await readdir(directory())).sort();
const gets = (): number => fixture.server.calls['get'] ?? 0;

test('what is deposited is read from its copy, sealed on the disk like in the bucket', async () => {
  const custody = await fixture.withCache(100_000_000);
  const plain = Buffer.from('a secret order '.repeat(200_000));
  const key = await fixture.deposit(plain, custody);
  expect((await fixture.read(key, custody)).equals(plain)).toBe(true);
  expect(gets()).toBe(0);
  expect((await readFile(join(directory(), key))).includes('secret')).toBe(false);
  await custody.remove(key);
  expect(await copies()).toEqual([]);
});

test('what another bridge deposited is copied when it is read whole, and only then', async () => {
  const plain = severalParts();
  const key = await fixture.deposit(plain);
  const custody = await fixture.withCache(100_000_000);
  const stream = custody.open(key);
  await new Promise((resolve) => {
    stream.once('close', resolve);
    stream.once('data', () => stream.destroy());
  });
  expect(await copies()).toEqual([]);
  expect((await fixture.read(key, custody)).equals(plain)).toBe(true);
  expect(await copies()).toEqual([key]);
  const before = gets();
  expect((await fixture.read(key, custody)).equals(plain)).toBe(true);
  expect(gets()).toBe(before);
});

test.each<[string, (path: string) => Promise<void>]>([
  ['cut', (path) => truncate(path, 2_000_000)],
  ['gone', (path) => rm(path)],
  [
    'altered in its last frame',
    async (path) => {
      const sealed = await readFile(path);
      sealed.writeUInt8(sealed.readUInt8(5_500_000) ^ 1, 5_500_000);
      await writeFile(path, sealed);
    },
  ],
])('a copy that is %s is no error: the rest is read from the bucket', async (_what, damage) => {
  const custody = await fixture.withCache(100_000_000);
  const plain = severalParts();
  const key = await fixture.deposit(plain, custody);
  await damage(join(directory(), key));
  expect((await fixture.read(key, custody)).equals(plain)).toBe(true);
  expect(gets()).toBeGreaterThan(0);
});

test('a copy alone is no object: once the list shows that the bucket has none, it goes', async () => {
  const custody = await fixture.withCache(100_000_000);
  const [gone, stays] = [
    await fixture.deposit(Buffer.from('gone'), custody),
    await fixture.deposit(Buffer.from('stays'), custody),
  ];
  await fixture.custody.remove(gone);
  const listed: string[] = [];
  for await (const { key } of custody.list()) listed.push(key);
  expect(listed).toEqual([stays]);
  expect(await copies()).toEqual([stays]);
});

test('the bound holds: what was used longest ago goes first, and what is larger is not copied', async () => {
  const custody = await fixture.withCache(250_000);
  const [one, two] = [
    await fixture.deposit(randomBytes(100_000), custody),
    await fixture.deposit(randomBytes(100_000), custody),
  ];
  await fixture.read(one, custody);
  const three = await fixture.deposit(randomBytes(100_000), custody);
  expect(await copies()).toEqual([one, three].sort());
  await fixture.deposit(randomBytes(300_000), custody);
  expect(await copies()).toEqual([one, three].sort());
  expect((await fixture.read(two, custody)).length).toBe(100_000);
});

test('a start takes up what is there in the order of its use, and removes what was not finished', async () => {
  await mkdir(directory());
  for (const [index, letter] of ['a', 'b', 'c'].entries()) {
    const path = join(directory(), letter.repeat(32));
    await writeFile(path, Buffer.alloc(100));
    await utimes(path, 1_000 - index, 1_000 - index);
  }
  await writeFile(join(directory(), `${'d'.repeat(32)}.0123456789ab.new`), 'half');
  await writeFile(join(directory(), 'notes.txt'), 'of somebody else');
  const cache = await openSealedCache({ directory: directory(), maxBytes: 250 });
  expect(cache.keys()).toEqual(['b'.repeat(32), 'a'.repeat(32)]);
  expect(await copies()).toEqual(['a'.repeat(32), 'b'.repeat(32), 'notes.txt']);
  expect(
    (await openSealedCache({ directory: directory(), maxBytes: 250, mostFiles: 2 })).keys(),
  ).toHaveLength(2);
});

test('a disk that takes nothing costs copies and no deposit', async () => {
  const custody = await fixture.withCache(100_000_000);
  await rm(directory(), { recursive: true });
  const key = await fixture.deposit(Buffer.from('kept'), custody);
  expect(String(await fixture.read(key, custody))).toBe('kept');
});
