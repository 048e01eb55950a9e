/** A directory in which several bridges deposit at once. */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { RangedCustody } from '../custody';
import { openDirectoryCustody } from '../directory-custody';
import { directorySite } from '../directory-site';
import type { KeyRing } from '../key-ring';
import { openKeyRing } from '../key-ring';

const day = 24 * 3_600_000;
let root: string;
let directory: string;
let ring: KeyRing;
const opened: RangedCustody[] = [];

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'shared-custody-'));
  directory = join(root, 'share');
  ring = (await openKeyRing({ path: join(root, 'keys.json'), holdsData: false, now: () => 0 })).ring;
});
afterEach(async () => {
  for (const custody of opened.splice(0)) await custody.close();
  await rm(root, { recursive: true });
});

async function open(): Promise<RangedCustody> {
  const custody = await openDirectoryCustody({ directory, keyRing: ring, minFreeBytes: 0, shared: true });
  opened.push(custody);
  return custody;
}

const age = (path: string): Promise<void> => {
  const at = new Date(Date.now() - day - 60_000);
  return utimes(path, at, at);
};

test('one that starts while another deposits does not take its half-written file away', async () => {
  const first = await open();
  const source = new Readable({ read: () => undefined });
  const depositing = first.deposit(source, { name: 'x' });
  source.push(Buffer.alloc(2_000_000, 1));
  while ((await readdir(join(directory, 'tmp'))).length === 0) await new Promise(setImmediate);
  const second = await open();
  source.push('the end');
  source.push(null);
  const { key, size } = await depositing;
  expect((await buffer(second.open(key))).length).toBe(size);
});

test('what a dead one left half-written is removed when it is a day old', async () => {
  await mkdir(join(directory, 'tmp'), { recursive: true });
  const [young, old] = ['a', 'b'].map((letter) => join(directory, 'tmp', letter.repeat(32)));
  await writeFile(young!, 'half');
  await writeFile(old!, 'half');
  await age(old!);
  await open();
  expect([existsSync(young!), existsSync(old!)]).toEqual([true, false]);
});

test('the list says which objects another bridge may be about to write down', async () => {
  const [first, second] = [await open(), await open()];
  const { key: young } = await first.deposit(Readable.from(['young']), { name: 'x' });
  const { key: old } = await first.deposit(Readable.from(['old']), { name: 'x' });
  await age(join(directory, 'objects', old.slice(0, 2), old));
  const found: Record<string, boolean> = {};
  for await (const { key, mayBeUnderWay } of second.list()) found[key] = mayBeUnderWay;
  expect(found).toEqual({ [young]: true, [old]: false });
  // Looking at the share's clock leaves nothing behind.
  expect(await readdir(join(directory, 'tmp'))).toEqual([]);
});

test('of two ledgers that bind it at once one is refused; of two bridges of one ledger none', async () => {
  const site = directorySite(directory, { shared: true });
  const bound = await Promise.allSettled([site.writeIdentity('one'), site.writeIdentity('two')]);
  expect(bound.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  const winner = await site.readIdentity();
  await Promise.all([site.writeIdentity(winner!), site.writeIdentity(winner!)]);
  await expect(site.writeIdentity('three')).rejects.toThrow(/bound to another ledger a moment ago/);
  expect(await readdir(directory)).toEqual(['ledger.json']);
});
