import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { KeyRingError, openKeyRing, rotateKeyRing } from './key-ring';

let path: string;
let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'ring-'));
  path = join(directory, 'state', 'keys.json');
});
afterEach(() => rm(directory, { recursive: true }));

const now = (): number => Date.UTC(2025, 0, 2);
const openIt = (holdsData = false): ReturnType<typeof openKeyRing> => openKeyRing({ path, holdsData, now });

test('the first start makes a file that only its owner can read, and later starts open it', async () => {
  const first = await openIt();
  expect(first.created).toBe(true);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  const second = await openIt(true);
  expect(second.created).toBe(false);
  expect(second.ring.newest.id).toBe(first.ring.newest.id);
  expect(second.ring.newest.secret.equals(first.ring.newest.secret)).toBe(true);
});

test('a missing file is refused where data was sealed with it', async () => {
  await expect(openIt(true)).rejects.toThrow(/missing.*Restore the file from its backup/);
  await expect(stat(path)).rejects.toThrow(/ENOENT/);
});

test.each([0o640, 0o604, 0o610, 0o666])('a file of mode %o is refused', async (mode) => {
  await openIt();
  await chmod(path, mode);
  await expect(openIt()).rejects.toThrow(/can be used by other accounts.*chmod 600/);
  await expect(rotateKeyRing({ path, now })).rejects.toThrow(KeyRingError);
});

const key = 'A'.repeat(43) + '=';
const entry = { id: '0011223344556677', created: '2025-01-01T00:00:00.000Z', key };
test.each([
  ['no JSON', '{ "key": "' + key],
  ['empty', ''],
  ['another format', JSON.stringify({ format: 'x', version: 1, keys: [entry] })],
  ['a newer version', JSON.stringify({ format: 'mft-bridge-key-ring', version: 2, keys: [entry] })],
  ['no key', JSON.stringify({ format: 'mft-bridge-key-ring', version: 1, keys: [] })],
  [
    'a short key',
    JSON.stringify({ format: 'mft-bridge-key-ring', version: 1, keys: [{ ...entry, key: key.slice(4) }] }),
  ],
  ['a doubled id', JSON.stringify({ format: 'mft-bridge-key-ring', version: 1, keys: [entry, entry] })],
])('a malformed file is refused without quoting it: %s', async (_, text) => {
  await openIt();
  await writeFile(path, text);
  const error: unknown = await openIt().catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(KeyRingError);
  expect(String(error)).toMatch(/malformed at .*Restore it/);
  expect(inspect(error)).not.toContain(key.slice(4, 30));
});

test('after a rotation the newest key seals and the older can still be found', async () => {
  const { ring: before } = await openIt();
  const id = await rotateKeyRing({ path, now });
  const { ring } = await openIt(true);
  expect(ring.newest.id).toBe(id);
  expect(ring.find(before.newest.id)?.secret.equals(before.newest.secret)).toBe(true);
  expect(ring.find('ffffffffffffffff')).toBeUndefined();
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});

test('of two first starts at once one is refused, and the file holds the key of the other', async () => {
  const results = await Promise.allSettled([openIt(), openIt()]);
  const won = results.flatMap((result) =>
    result.status === 'fulfilled' ? [result.value.ring.newest.id] : [],
  );
  const { ring } = await openIt(true);
  expect(new Set(won)).toEqual(new Set([ring.newest.id]));
});

test('nothing that prints the ring shows a key', async () => {
  const { ring } = await openIt();
  const secret = (JSON.parse(await readFile(path, 'utf8')) as { keys: { key: string }[] }).keys[0]!.key;
  const shown = inspect(ring, { depth: 9, showHidden: true }) + JSON.stringify(ring);
  expect(shown).toContain(ring.newest.id);
  expect(shown).not.toContain(secret);
});
