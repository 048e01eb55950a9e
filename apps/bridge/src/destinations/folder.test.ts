import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { link, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CustodyDamagedError } from '../custody/custody';
import type { DeliveryOutcome, Parcel } from './destination';
import type { FolderDestinationOptions } from './folder';
import { createFolderDestination } from './folder';
import { attemptFolder, deliveryId as id, parcelOf } from './test/folder-attempt';

let directory: string;
beforeEach(async () => (directory = await mkdtemp(join(tmpdir(), 'folder-'))));
afterEach(() => rm(directory, { recursive: true }));

/** Into the directory of this test. */
const attempt = (parcel: Parcel, options: Partial<FolderDestinationOptions> = {}) =>
  attemptFolder(directory, parcel, options);
const staging = (): string => join(directory, '.mft-bridge-staging');
const staged = (): string => join(staging(), id);
const visible = async (): Promise<string[]> =>
  (await readdir(directory)).filter((name) => !name.startsWith('.')).sort();
const crash = async (): Promise<never> => Promise.reject(new Error('killed'));

test('a file appears whole under its own name, and nothing stays behind', async () => {
  const content = randomBytes(3_000_000);
  const one = attempt(parcelOf(content, 'Bestellung 订单.xml'));
  expect(await one.deliver()).toEqual({ type: 'delivered', proof: 'Bestellung 订单.xml' });
  expect((await readFile(join(directory, 'Bestellung 订单.xml'))).equals(content)).toBe(true);
  expect(one.delivery()).toMatchObject({ state: 'staged', remoteId: 'Bestellung 订单.xml' });
  expect(one.sent.at(-1)).toBe(content.length);
  expect(await readdir(staging())).toEqual([]);
});

test('it never overwrites: the next number is taken, and at last the delivery id', async () => {
  await writeFile(join(directory, 'orders.edi'), 'foreign');
  await symlink('/nowhere', join(directory, 'orders (2).edi'));
  expect(await attempt(parcelOf('new')).deliver()).toEqual({ type: 'delivered', proof: 'orders (3).edi' });
  expect(await readFile(join(directory, 'orders.edi'), 'utf8')).toBe('foreign');
  for (let number = 4; number <= 99; number += 1)
    await writeFile(join(directory, `orders (${number}).edi`), '');
  expect(await attempt(parcelOf('last')).deliver()).toEqual({
    type: 'delivered',
    proof: `orders (${id}).edi`,
  });
});

test('a name that is taken between its choice and the link is not overwritten', async () => {
  const one = attempt(parcelOf('mine'));
  const names: string[] = [];
  const outcome = await one.deliver({
    staged: async (remoteId) => {
      names.push(remoteId);
      if (names.length === 1) await writeFile(join(directory, remoteId), 'foreign');
    },
  });
  expect(names).toEqual(['orders.edi', 'orders (2).edi']);
  expect(outcome).toEqual({ type: 'delivered', proof: 'orders (2).edi' });
  expect(await readFile(join(directory, 'orders.edi'), 'utf8')).toBe('foreign');
});

test.each([
  ['other bytes', 'evil!'],
  ['fewer bytes', 'righ'],
  ['more bytes', 'right and more'],
  ['nothing', ''],
])('bytes that are not the cleared ones never become visible: %s', async (_, given) => {
  const one = attempt(parcelOf('right', 'orders.edi', given));
  await expect(one.deliver()).rejects.toThrow(CustodyDamagedError);
  expect(await visible()).toEqual([]);
  expect(await readdir(staging())).toEqual([]);
  expect(one.delivery().state).toBe('due');
});

describe('after a crash a second call ends the first, once', () => {
  const content = randomBytes(200_000);
  const expectOnce = async (outcome: DeliveryOutcome): Promise<void> => {
    expect(outcome).toEqual({ type: 'delivered', proof: 'orders.edi' });
    expect(await visible()).toEqual(['orders.edi']);
    expect((await readFile(join(directory, 'orders.edi'))).equals(content)).toBe(true);
    expect(await readdir(staging())).toEqual([]);
  };

  test('half staged', async () => {
    await mkdir(staging());
    await writeFile(staged(), content.subarray(0, 5));
    await expectOnce(await attempt(parcelOf(content)).deliver());
  });

  test('staged, but the ledger does not know', async () => {
    const one = attempt(parcelOf(content));
    await expect(one.deliver({ staged: crash })).rejects.toThrow('killed');
    expect(await visible()).toEqual([]);
    await expectOnce(await one.deliver());
  });

  /** Staged and known to the ledger, with nothing published. */
  const stagedAttempt = async (
    options: Partial<FolderDestinationOptions> = {},
  ): Promise<ReturnType<typeof attempt>> => {
    const one = attempt(parcelOf(content), options);
    await one.deliver();
    await rm(join(directory, 'orders.edi'));
    await writeFile(staged(), content);
    return one;
  };

  test.each(['deliver', 'confirm'] as const)('staged, not renamed: %s', async (call) => {
    const one = await stagedAttempt();
    await expectOnce(await one[call]());
  });

  test.each(['deliver', 'confirm'] as const)('linked, the temporary name still there: %s', async (call) => {
    const one = await stagedAttempt();
    await link(staged(), join(directory, 'orders.edi'));
    await expectOnce(await one[call]());
  });

  test('linked, and changed by its reader since: it is theirs, and stays', async () => {
    const one = await stagedAttempt();
    await link(staged(), join(directory, 'orders.edi'));
    await writeFile(join(directory, 'orders.edi'), 'changed by the reader');
    expect(await one.deliver()).toEqual({ type: 'delivered', proof: 'orders.edi' });
    expect(await visible()).toEqual(['orders.edi']);
    expect(await readFile(join(directory, 'orders.edi'), 'utf8')).toBe('changed by the reader');
  });

  test('renamed, but the ledger does not know', async () => {
    const one = attempt(parcelOf(content));
    await one.deliver();
    one.restart();
    await expectOnce(await one.deliver());
  });

  test('staged, and the chosen name taken by another since', async () => {
    const one = await stagedAttempt();
    await writeFile(join(directory, 'orders.edi'), '');
    expect(await one.deliver()).toEqual({ type: 'delivered', proof: 'orders (2).edi' });
    expect(await readFile(join(directory, 'orders.edi'), 'utf8')).toBe('');
    expect(one.delivery().remoteId).toBe('orders (2).edi');
  });

  test('staged, and the staged bytes damaged since: staged again from custody', async () => {
    const one = await stagedAttempt();
    await writeFile(staged(), randomBytes(content.length));
    await expectOnce(await one.deliver());
  });

  test('without hard links: reserved, but not filled', async () => {
    const without: typeof link = async () =>
      Promise.reject(Object.assign(new Error('no links'), { code: 'EPERM' }));
    const existing: typeof link = async (from, to) =>
      existsSync(to)
        ? Promise.reject(Object.assign(new Error('exists'), { code: 'EEXIST' }))
        : without(from, to);
    const one = await stagedAttempt({ link: existing });
    await writeFile(join(directory, 'orders.edi'), '');
    await expectOnce(await one.deliver());
    await writeFile(join(directory, 'orders.edi'), 'foreign');
    expect(await attempt(parcelOf('x'), { link: existing }).deliver()).toMatchObject({
      proof: 'orders (2).edi',
    });
    expect(await readFile(join(directory, 'orders.edi'), 'utf8')).toBe('foreign');
  });
});

test('confirm tells the truth of a delivery that was not staged', async () => {
  expect(await attempt(parcelOf('x')).confirm()).toMatchObject({ type: 'not-sent' });
});

test.each([
  ['../../etc/passwd', 'passwd'],
  ['..\\..\\boot.ini', 'boot.ini'],
  ['/etc/shadow', 'shadow'],
  ['.mft-bridge-staging', 'mft-bridge-staging'],
  ['.mft-bridge-destination', 'mft-bridge-destination'],
  ['a\0/../../b', 'b'],
  ['..', 'unnamed'],
])('the name %j leads nowhere but into the folder', async (name, safe) => {
  const inner = join(directory, 'inner');
  await mkdir(inner);
  expect(await attempt(parcelOf('x', name), { directory: inner }).deliver()).toEqual({
    type: 'delivered',
    proof: safe,
  });
  expect((await readdir(inner)).sort()).toEqual(
    ['.mft-bridge-destination', '.mft-bridge-staging', safe].sort(),
  );
  expect(await visible()).toEqual(['inner']);
});

test('each partner may have a folder, whose name is safe as well', async () => {
  expect(await attempt(parcelOf('x'), { perPartner: true }).deliver()).toEqual({
    type: 'delivered',
    proof: '1/orders.edi',
  });
  expect(await attempt(parcelOf('x'), { perPartner: true }).deliver()).toMatchObject({
    proof: '1/orders (2).edi',
  });
});

test('a folder that is not there is not made, and the sentence says what to do', async () => {
  const missing = join(directory, 'share');
  const one = attempt(parcelOf('x'), { directory: missing });
  await expect(one.deliver()).rejects.toThrow(/does not exist. Create it, or mount its share/);
  expect(existsSync(missing)).toBe(false);
});

test('an abort leaves nothing', async () => {
  const one = attempt(parcelOf('x'));
  await expect(one.deliver({ signal: AbortSignal.abort() })).rejects.toThrow(/abort/i);
  expect(await visible()).toEqual([]);
  expect(await readdir(staging())).toEqual([]);
});

test('its traits are those of its configuration', () => {
  const records = { get: async () => undefined, setIfNew: async () => undefined };
  const open = (limits: { maxBytes?: number }) =>
    createFolderDestination({ name: 'archive', directory, records, newId: () => 'f01de2', ...limits });
  const traits = open({ maxBytes: 10 });
  expect(traits).toMatchObject({ kind: 'folder', name: 'archive', unit: 'attachment', maxBytes: 10 });
  expect(open({}).maxBytes).toBeNull();
  expect(traits.carriesName('../x')).toBe(true);
});
