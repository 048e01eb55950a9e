import { createHash, randomBytes } from 'node:crypto';
import {
  copyFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { RangedCustody } from './custody';
import { CustodyDamagedError, CustodyFullError, CustodyUnavailableError } from './custody';
import { writeCustodyIdentity } from './custody-identity';
import { openDirectoryCustody } from './directory-custody';
import { holdsObjects } from './directory-layout';
import type { KeyRing } from './key-ring';
import { openKeyRing, rotateKeyRing } from './key-ring';

let root: string;
let directory: string;
let ring: KeyRing;
let custody: RangedCustody;

const openRing = async (): Promise<KeyRing> =>
  (await openKeyRing({ path: join(root, 'keys.json'), holdsData: false, now: () => 0 })).ring;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'custody-'));
  directory = join(root, 'custody');
  ring = await openRing();
  custody = await openDirectoryCustody({ directory, keyRing: ring, minFreeBytes: 0 });
});
afterEach(async () => {
  await custody.close();
  await rm(root, { recursive: true });
});

const pathOf = (key: string): string => join(directory, 'objects', key.slice(0, 2), key);
const keys = async (): Promise<string[]> => {
  const found: string[] = [];
  for await (const { key } of custody.list()) found.push(key);
  return found.sort();
};
/** Files anywhere below custody. */
const files = async (): Promise<string[]> =>
  (await readdir(directory, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map(({ name }) => name);

test('what is deposited comes back, described by size, hash and content', async () => {
  const plain = Buffer.concat([Buffer.from('%PDF-1.7\n'), randomBytes(3_000_000)]);
  const totals: number[] = [];
  const deposit = await custody.deposit(Readable.from([plain]), {
    name: 'orders.csv',
    onBytes: (total) => totals.push(total),
  });
  expect(deposit).toEqual({
    key: expect.stringMatching(/^[0-9a-f]{32}$/),
    size: plain.length,
    sha256: createHash('sha256').update(plain).digest('hex'),
    media: 'document',
  });
  expect(totals.at(-1)).toBe(plain.length);
  expect((await buffer(custody.open(deposit.key))).equals(plain)).toBe(true);
  expect((await buffer(custody.openFrom(deposit.key, 2_500_000))).equals(plain.subarray(2_500_000))).toBe(
    true,
  );
  expect(await keys()).toEqual([deposit.key]);
  await custody.remove(deposit.key);
  await custody.remove(deposit.key);
  expect(await files()).toEqual([]);
});

test('an empty file is kept as such', async () => {
  const { key, size } = await custody.deposit(Readable.from([]), { name: 'empty' });
  expect(size).toBe(0);
  expect(await buffer(custody.open(key))).toHaveLength(0);
});

test('neither content nor name stands on the disk', async () => {
  const { key } = await custody.deposit(Readable.from([Buffer.from('a secret order '.repeat(1000))]), {
    name: '../../etc/evil-name',
  });
  const stored = await readFile(pathOf(key));
  expect(stored.includes('secret')).toBe(false);
  expect((await files()).join()).not.toContain('evil');
  expect(await files()).toEqual([key]);
});

test('names from outside never become paths, for all calls that take a key', async () => {
  await writeFile(join(root, 'victim'), 'x');
  for (const key of ['../victim', '../../victim', '', '.', `${'a'.repeat(31)}/`, 'A'.repeat(32)]) {
    await expect(buffer(custody.open(key))).rejects.toThrow('not a key of this custody store');
    await expect(custody.remove(key)).rejects.toThrow('not a key of this custody store');
  }
  expect(await readFile(join(root, 'victim'), 'utf8')).toBe('x');
});

test('altered, cut, missing or exchanged objects error before a wrong byte is given', async () => {
  const plain = randomBytes(2_500_000);
  const [one, two, three, four] = await Promise.all(
    [1, 2, 3, 4].map(async () => (await custody.deposit(Readable.from([plain]), { name: 'x' })).key),
  );
  const altered = await readFile(pathOf(one!));
  altered.writeUInt8(altered.readUInt8(1_500_000) ^ 1, 1_500_000);
  await writeFile(pathOf(one!), altered);
  const given: Buffer[] = [];
  const reading = (async () => {
    for await (const chunk of custody.open(one!)) given.push(chunk as Buffer);
  })();
  await expect(reading).rejects.toThrow(CustodyDamagedError);
  expect(Buffer.concat(given).equals(plain.subarray(0, 1024 * 1024))).toBe(true);

  await truncate(pathOf(two!), 2_000_000);
  await expect(buffer(custody.open(two!))).rejects.toThrow(/Object [0-9a-f]{32} in custody is damaged/);
  await copyFile(pathOf(four!), pathOf(three!));
  await expect(buffer(custody.open(three!))).rejects.toThrow(CustodyDamagedError);
  await custody.remove(four!);
  await expect(buffer(custody.open(four!))).rejects.toThrow(/missing from custody/);
});

test('a shared directory that is not mounted any more makes the work wait; nothing is called damaged', async () => {
  const options = { directory: join(root, 'share'), keyRing: ring, shared: true };
  const share = await openDirectoryCustody(options);
  await writeCustodyIdentity(options.directory, 'a ledger');
  const { key } = await share.deposit(Readable.from([Buffer.from('x')]), { name: 'x' });
  await rename(options.directory, join(root, 'elsewhere'));
  await mkdir(options.directory);
  await expect(buffer(share.open(key))).rejects.toThrow(CustodyUnavailableError);
  await rm(options.directory, { recursive: true });
  await expect(buffer(share.open(key))).rejects.toThrow(/is not mounted, or another one is/);
  await rename(join(root, 'elsewhere'), options.directory);
  expect((await buffer(share.open(key))).toString()).toBe('x');
  await share.remove(key);
  await expect(buffer(share.open(key))).rejects.toThrow(CustodyDamagedError);
  await share.close();
});

test('after a rotation both old and new objects can be read', async () => {
  const old = await custody.deposit(Readable.from([Buffer.from('old')]), { name: 'x' });
  await rotateKeyRing({ path: join(root, 'keys.json'), now: () => 0 });
  await custody.close();
  const before = ring;
  ring = await openRing();
  custody = await openDirectoryCustody({ directory, keyRing: ring, minFreeBytes: 0 });
  const fresh = await custody.deposit(Readable.from([Buffer.from('new')]), { name: 'x' });
  expect(String(await buffer(custody.open(old.key)))).toBe('old');
  expect(String(await buffer(custody.open(fresh.key)))).toBe('new');

  const withOldKey = await openDirectoryCustody({ directory, keyRing: before, minFreeBytes: 0 });
  await expect(buffer(withOldKey.open(fresh.key))).rejects.toThrow(
    new RegExp(`key ${ring.newest.id}.*restored from its backup`),
  );
});

test('a deposit that is aborted, cut off or refused leaves nothing and frees its source', async () => {
  const controller = new AbortController();
  const endless = new Readable({ read: () => undefined });
  endless.push(randomBytes(2_000_000));
  const aborted = custody.deposit(endless, { name: 'x', signal: controller.signal });
  setTimeout(() => controller.abort(), 20);
  await expect(aborted).rejects.toThrow(/abort/i);
  expect(endless.destroyed).toBe(true);

  const late = Readable.from([Buffer.alloc(10)]);
  await expect(custody.deposit(late, { name: 'x', signal: controller.signal })).rejects.toThrow(/abort/i);

  const cut = new Readable({ read: () => undefined });
  cut.push(randomBytes(2_000_000));
  setTimeout(() => cut.destroy(new Error('socket hang up')), 20);
  await expect(custody.deposit(cut, { name: 'x' })).rejects.toThrow('socket hang up');

  const long = Readable.from([randomBytes(1_000_000), randomBytes(1_000_000)]);
  const tooLarge = (total: number): void => {
    if (total > 1_500_000) throw new Error('larger than intake takes');
  };
  await expect(custody.deposit(long, { name: 'x', onBytes: tooLarge })).rejects.toThrow(
    'larger than intake takes',
  );
  expect(long.destroyed).toBe(true);
  expect(await files()).toEqual([]);
});

test('below its reserve it refuses at once, says how much room there is, and reads nothing', async () => {
  expect(await custody.room()).toBeGreaterThan(0);
  const full = await openDirectoryCustody({
    directory,
    keyRing: ring,
    minFreeBytes: Number.MAX_SAFE_INTEGER,
  });
  expect(await full.room()).toBe(0);
  let read = false;
  const source = new Readable({ read: () => void (read = true) });
  await expect(full.deposit(source, { name: 'x' })).rejects.toThrow(CustodyFullError);
  expect(read).toBe(false);
  expect(source.destroyed).toBe(true);
  expect(await files()).toEqual([]);
});

test('at its start it removes what unfinished deposits left, and nothing else', async () => {
  const { key } = await custody.deposit(Readable.from([Buffer.from('kept')]), { name: 'x' });
  await mkdir(join(directory, 'tmp'), { recursive: true });
  await writeFile(join(directory, 'tmp', 'f'.repeat(32)), 'half');
  custody = await openDirectoryCustody({ directory, keyRing: ring, minFreeBytes: 0 });
  expect(await files()).toEqual([key]);
  expect(String(await buffer(custody.open(key)))).toBe('kept');
});

test('whether a directory holds objects is known without a key', async () => {
  expect(await holdsObjects(join(root, 'nowhere'))).toBe(false);
  expect(await holdsObjects(directory)).toBe(false);
  const { key } = await custody.deposit(Readable.from([]), { name: 'x' });
  expect(await holdsObjects(directory)).toBe(true);
  await custody.remove(key);
  expect(await holdsObjects(directory)).toBe(false);
});

test('closing waits for deposits under way and refuses new ones', async () => {
  const source = new Readable({ read: () => undefined });
  const depositing = custody.deposit(source, { name: 'x' });
  const closing = custody.close();
  source.push('late but complete');
  source.push(null);
  await closing;
  expect(await keys()).toEqual([(await depositing).key]);
  await expect(custody.deposit(Readable.from([]), { name: 'x' })).rejects.toThrow('custody is closed');
});

test('a reader that leaves early closes its file', async () => {
  const { key } = await custody.deposit(Readable.from([randomBytes(5_000_000)]), { name: 'x' });
  const openFiles = async (): Promise<number> => (await readdir('/proc/self/fd')).length;
  if (process.platform !== 'linux') return;
  const before = await openFiles();
  for (let round = 0; round < 20; round += 1) {
    const stream = custody.open(key);
    const left = new Promise((resolve) => stream.once('close', resolve));
    if (round % 2 === 0) stream.destroy();
    else stream.once('data', () => stream.destroy());
    await left;
  }
  expect(await openFiles()).toBeLessThan(before + 5);
});
