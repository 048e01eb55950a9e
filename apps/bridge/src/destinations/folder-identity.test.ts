/** A folder is told from the empty mount point beneath it, by a mark in it and its id in the ledger. */
import type { link } from 'node:fs/promises';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DestinationAwayError } from './destination-away-error';
import type { FolderIdentityOptions, FolderRecords } from './folder-identity';
import { createFolderIdentity } from './folder-identity';

let root: string;
let directory: string;
let noted: Map<string, string>;
let ids: number;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'identity-'));
  directory = join(root, 'share');
  await mkdir(directory);
  noted = new Map();
  ids = 0;
});
afterEach(() => rm(root, { recursive: true }));

const records: FolderRecords = {
  get: async (key) => noted.get(key),
  setIfNew: async (key, value) => {
    if (!noted.has(key)) noted.set(key, value);
  },
};
const open = (changes: Partial<FolderIdentityOptions> = {}) =>
  createFolderIdentity({
    name: 'archive',
    directory,
    records,
    newId: () => `id${String((ids += 1))}`,
    ...changes,
  });
const mark = (): string => join(directory, '.mft-bridge-destination');
const marked = async (): Promise<unknown> => JSON.parse(await readFile(mark(), 'utf8'));
const noLinks: typeof link = async () =>
  Promise.reject(Object.assign(new Error('no links'), { code: 'EPERM' }));
/** As a file system without links says it where the name is taken. */
const noLinksOver: typeof link = async (_from, to) =>
  (await readdir(directory)).some((name) => join(directory, name) === to)
    ? Promise.reject(Object.assign(new Error('exists'), { code: 'EEXIST' }))
    : noLinks(_from, to);

test.each([
  ['with', undefined],
  ['without', noLinks],
])('the first use marks it, %s hard links; afterwards only the marked one is it', async (_with, linkFile) => {
  await open(linkFile && { link: linkFile }).check();
  expect(await marked()).toEqual({ id: 'id1', destination: 'archive' });
  expect([...noted]).toEqual([['folder:archive', 'id1']]);
  expect(await readdir(directory)).toEqual(['.mft-bridge-destination']);
  await open().check();

  await rename(directory, join(root, 'away'));
  const one = open();
  await expect(one.check()).rejects.toThrow(/does not exist. Create it, or mount its share/);
  await mkdir(directory);
  await expect(one.check()).rejects.toThrow(/another folder, or its share is not mounted/);
  await expect(one.check()).rejects.toThrow(DestinationAwayError);
  expect(await readdir(directory)).toEqual([]);
  await rm(directory, { recursive: true });
  await rename(join(root, 'away'), directory);
  await one.check();
});

test('it moves to another folder on purpose, by what the sentence says', async () => {
  await open().check();
  await rm(mark());
  const error = await open()
    .check()
    .catch((thrown: unknown) => thrown);
  const [, text, path] =
    /write (\{.*\}) into (.*?), and remove that file from wherever else/.exec((error as Error).message) ?? [];
  expect(path).toBe(mark());
  await writeFile(path!, text!);
  await open().check();
});

test('one that cannot be given its mark waits, and says so; no try is counted', async () => {
  const link = () => Promise.reject(Object.assign(new Error('read-only'), { code: 'EROFS' }));
  const error = await open({ link })
    .check()
    .catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(DestinationAwayError);
  expect((error as Error).message).toMatch(/cannot be given its mark .* \(EROFS\)/);
  expect(noted.size).toBe(0);
  await open().check();
});

test('the folder of another is not taken for it', async () => {
  await open().check();
  await writeFile(mark(), '{"id":"other"}\n');
  await expect(open().check()).rejects.toThrow(/has another id/);
});

test('several may deliver into one folder: the second goes by the mark that is there', async () => {
  await open().check();
  await open({ name: 'second' }).check();
  noted.delete('folder:archive');
  await open().check();
  expect(await marked()).toMatchObject({ id: 'id1' });
  expect(Object.fromEntries(noted)).toEqual({ 'folder:archive': 'id1', 'folder:second': 'id1' });
});

test('of several bridges that begin at once one marks it, and all go by that', async () => {
  await Promise.all(Array.from({ length: 8 }, () => open().check()));
  expect(await marked()).toMatchObject({ id: noted.get('folder:archive') });
  expect(await readdir(directory)).toEqual(['.mft-bridge-destination']);
});

test('the bridge whose share was not mounted at its first start is the one that waits', async () => {
  const mine = join(root, 'mine');
  await mkdir(mine);
  await open().check();
  await expect(open({ directory: mine }).check()).rejects.toThrow(/has another id|not mounted/);
});

test('a mark that was cut off is made whole, where that is how it comes about', async () => {
  await writeFile(mark(), '');
  await open({ link: noLinksOver }).check();
  expect(await marked()).toMatchObject({ id: 'id1' });
});

test.each([
  ['empty, though there are links', ''],
  ['no JSON', '{"id":'],
  ['no id', '{"destination":"archive"}'],
])('a mark that names nothing is not written over: %s', async (_how, text) => {
  await writeFile(mark(), text);
  await expect(open().check()).rejects.toThrow(/Destination archive is away: .* names no folder/);
  expect(await readFile(mark(), 'utf8')).toBe(text);
});

test('a mark that cannot be read, or never would be, is no proof and keeps nobody waiting', async () => {
  await open().check();
  await rm(mark());
  await symlink('.mft-bridge-destination', mark());
  await expect(open().check()).rejects.toThrow(/cannot be looked at \(ELOOP\)/);
  await rm(mark());
  execFileSync('mkfifo', [mark()]);
  await expect(open().check()).rejects.toThrow(DestinationAwayError);
});
