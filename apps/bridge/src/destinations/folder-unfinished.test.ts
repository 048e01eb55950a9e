/** What becomes of a delivery that is given up, or searched for, after a crash at its last step. */
import { copyFile, link, mkdir, mkdtemp, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Parcel } from './destination';
import { DestinationAwayError } from './destination-away-error';
import type { FolderDestinationOptions } from './folder';
import { areSameFile } from './publish-file';
import { attemptFolder, deliveryId, parcelOf } from './test/folder-attempt';

let directory: string;
beforeEach(async () => (directory = await mkdtemp(join(tmpdir(), 'folder-'))));
afterEach(() => rm(directory, { recursive: true, force: true }));

const attempt = (parcel: Parcel, options: Partial<FolderDestinationOptions> = {}) =>
  attemptFolder(directory, parcel, options);
const staging = (): string => join(directory, '.mft-bridge-staging');
const staged = (): string => join(staging(), deliveryId);
const visible = async (): Promise<string[]> =>
  (await readdir(directory)).filter((name) => !name.startsWith('.')).sort();

/** The first link is never made. */
function dying(): typeof link {
  let tries = 0;
  return async (from, to) => {
    tries += 1;
    if (tries === 1) throw new Error('killed');
    await link(from, to);
  };
}

describe('given up', () => {
  test('a file that was staged in part, or whole, is taken away', async () => {
    const half = attempt(parcelOf('half'));
    await mkdir(staging());
    await writeFile(staged(), 'ha');
    expect(await half.fate()).toEqual({ type: 'nothing' });
    await half.discard();
    expect(await readdir(staging())).toEqual([]);
    const whole = attempt(parcelOf('whole'), { link: dying() });
    await expect(whole.deliver()).rejects.toThrow('killed');
    expect(await readdir(staging())).toHaveLength(1);
    expect(await whole.fate()).toEqual({ type: 'nothing' });
    // Only once that is noted: a staged file that is gone counts as delivered.
    expect(await readdir(staging())).toHaveLength(1);
    await whole.discard();
    expect(await readdir(staging())).toEqual([]);
    expect(await visible()).toEqual([]);
  });

  test('what had appeared already was delivered; where somebody has fetched it since nobody can say', async () => {
    const one = attempt(parcelOf('here'), { link: dying() });
    await expect(one.deliver()).rejects.toThrow('killed');
    await link(staged(), join(directory, 'orders.edi'));
    expect(await one.fate()).toEqual({ type: 'delivered', proof: 'orders.edi' });
    await rm(staged());
    expect(await one.fate()).toEqual({ type: 'delivered', proof: 'orders.edi' });
    await rm(join(directory, 'orders.edi'));
    expect(await one.fate()).toEqual({ type: 'unclear' });
  });

  test('without its folder nobody can say', async () => {
    const one = attempt(parcelOf('away'), { link: dying() });
    await expect(one.deliver()).rejects.toThrow('killed');
    await rm(directory, { recursive: true });
    expect(await one.fate()).toEqual({ type: 'unclear' });
  });

  test('a folder that does not answer is not an empty one', async () => {
    const one = attempt(parcelOf('away'), { link: dying(), perPartner: true });
    await expect(one.deliver()).rejects.toThrow('killed');
    // Not EACCES: the tests may run as root, who may read everything.
    await rm(join(directory, '1'), { recursive: true });
    await symlink('1', join(directory, '1'));
    await expect(one.fate()).rejects.toThrow('ELOOP');
    await expect(areSameFile(join(directory, '1', 'orders.edi'), staged())).rejects.toThrow('ELOOP');
    expect(await areSameFile(join(directory, 'none'), staged())).toBe(false);
    expect(await areSameFile(join(staged(), 'none'), staged())).toBe(false);
    await rename(staging(), join(directory, 'kept'));
    await symlink('.mft-bridge-staging', staging());
    await expect(one.fate()).rejects.toThrow('ELOOP');
    await expect(one.deliver()).rejects.toThrow('ELOOP');
  });
});

describe('staged on a share that is not mounted after a restart', () => {
  let share: string;
  let away: string;
  beforeEach(async () => {
    share = join(directory, 'share');
    away = join(directory, 'away');
    await mkdir(share);
  });
  const unmount = async (): Promise<void> => {
    await rename(share, away);
    await mkdir(share);
  };
  const mount = async (): Promise<void> => {
    await rm(share, { recursive: true });
    await rename(away, share);
  };

  test.each(['deliver', 'confirm', 'reconcile'] as const)(
    'what lies beneath the mount point proves no delivery, and nothing is put there: %s',
    async (call) => {
      const one = attemptFolder(share, parcelOf('A'), { link: dying() });
      await expect(one.deliver()).rejects.toThrow('killed');
      await unmount();
      await mkdir(join(share, '.mft-bridge-staging'));
      await writeFile(join(share, 'orders.edi'), 'A');
      expect(await one.fate()).toEqual({ type: 'unclear' });
      await expect(one[call]()).rejects.toThrow(/is another folder, or its share is not mounted/);
      expect((await readdir(share)).sort()).toEqual(['.mft-bridge-staging', 'orders.edi']);
      await mount();
      expect(await one[call]()).toEqual({ type: 'delivered', proof: 'orders.edi' });
    },
  );

  test('the first delivery after it is not put beneath the mount point either', async () => {
    const one = attemptFolder(share, parcelOf('A'));
    await one.deliver();
    await unmount();
    one.restart();
    const another = { ...one.delivery(), id: 'another', state: 'due', remoteId: null } as const;
    await expect(one.deliver({}, another)).rejects.toThrow(DestinationAwayError);
    expect(await readdir(share)).toEqual([]);
    await mount();
    expect(await one.deliver({}, another)).toEqual({ type: 'delivered', proof: 'orders (2).edi' });
  });

  test('the share is gone between the look at it and the last step: it is not called delivered', async () => {
    const one = attemptFolder(share, parcelOf('A'));
    const staged = async (remoteId: string): Promise<void> => {
      await unmount();
      await mkdir(join(share, '.mft-bridge-staging'));
      await copyFile(
        join(away, '.mft-bridge-staging', deliveryId),
        join(share, '.mft-bridge-staging', deliveryId),
      );
      await one.stage(remoteId);
    };
    await expect(one.deliver({ staged })).rejects.toThrow(DestinationAwayError);
    await mount();
    expect(await one.deliver()).toEqual({ type: 'delivered', proof: 'orders.edi' });
    expect(await readdir(share)).toContain('orders.edi');
  });

  test('somebody took the staging folder away: what was staged is lost there, and nothing claims otherwise', async () => {
    const one = attemptFolder(share, parcelOf('A'), { link: dying() });
    await expect(one.deliver()).rejects.toThrow('killed');
    await rm(join(share, '.mft-bridge-staging'), { recursive: true });
    expect(await one.deliver()).toMatchObject({ type: 'unknown', reasons: [{ code: 'delivery-unknown' }] });
  });
});

describe('published, and fetched by its reader before the ledger noted it', () => {
  const fetched = async () => {
    const one = attempt(parcelOf('fetched'));
    await one.deliver();
    await rm(join(directory, 'orders.edi'));
    return one;
  };
  const questions = ['deliver', 'confirm', 'reconcile'] as const;

  test.each(questions)('%s: the process that published it still knows', async (call) => {
    const one = await fetched();
    expect(await one.fate()).toEqual({ type: 'delivered', proof: 'orders.edi' });
    expect(await one[call]()).toEqual({ type: 'delivered', proof: 'orders.edi' });
  });

  test('nor is it forgotten where the folder cannot be looked at right then', async () => {
    const mark = join(directory, '.mft-bridge-destination');
    const thenBlind: typeof link = async (from, to) => {
      await link(from, to);
      await rename(mark, `${mark}.aside`);
      await mkdir(mark);
    };
    const one = attempt(parcelOf('fetched'), { link: thenBlind });
    await expect(one.deliver()).rejects.toThrow(/cannot be looked at \(EISDIR\)/);
    await rm(mark, { recursive: true });
    await rename(`${mark}.aside`, mark);
    await rm(join(directory, 'orders.edi'));
    expect(await one.deliver()).toEqual({ type: 'delivered', proof: 'orders.edi' });
    expect(await visible()).toEqual([]);
  });

  test.each(questions)('%s: after a crash nobody can say, and nothing is handed over again', async (call) => {
    const one = await fetched();
    one.restart();
    expect(await one.fate()).toEqual({ type: 'unclear' });
    expect(await one[call]()).toMatchObject({ type: 'unknown', reasons: [{ code: 'delivery-unknown' }] });
    expect(await visible()).toEqual([]);
  });

  test.each(['a directory', 'a link to the bytes'])('%s of that name is not the file', async (kind) => {
    const one = await fetched();
    one.restart();
    await writeFile(join(directory, 'elsewhere'), 'fetched');
    const name = join(directory, 'orders.edi');
    await (kind === 'a directory' ? mkdir(name) : symlink('elsewhere', name));
    expect(await one.fate()).toEqual({ type: 'unclear' });
  });
});

describe('what was staged does not appear while nothing may', () => {
  const refusal = (): Promise<string> => Promise.resolve('the self-test failed');

  test.each(['deliver', 'reconcile'] as const)('%s', async (call) => {
    const one = attempt(parcelOf('staged'));
    expect(await one.deliver({ refusal })).toEqual({ type: 'again', why: 'the self-test failed' });
    expect(one.delivery().state).toBe('staged');
    expect(await one[call]({ refusal })).toEqual({ type: 'again', why: 'the self-test failed' });
    expect(await visible()).toEqual([]);
    expect(await one[call]()).toEqual({ type: 'delivered', proof: 'orders.edi' });
    expect(await visible()).toEqual(['orders.edi']);
  });

  test('but what has appeared is delivered', async () => {
    const one = attempt(parcelOf('there'), { link: dying() });
    await expect(one.deliver()).rejects.toThrow('killed');
    await link(staged(), join(directory, 'orders.edi'));
    expect(await one.deliver({ refusal })).toEqual({ type: 'delivered', proof: 'orders.edi' });
  });
});

describe('searched for', () => {
  test('what was staged whole is ended, and what has appeared is found', async () => {
    const one = attempt(parcelOf('late'), { link: dying() });
    await expect(one.deliver()).rejects.toThrow('killed');
    await link(staged(), join(directory, 'orders.edi'));
    expect(await one.reconcile()).toEqual({ type: 'delivered', proof: 'orders.edi' });
    expect(await visible()).toEqual(['orders.edi']);
    expect(await readdir(staging())).toEqual([]);
  });

  test('a restored ledger notes a name that another file got: it is found under the next, and where it is nowhere it is unknown', async () => {
    const one = attempt(parcelOf('ours'), { link: dying() });
    await expect(one.deliver()).rejects.toThrow('killed');
    await writeFile(join(directory, 'orders.edi'), "another's");
    await link(staged(), join(directory, 'orders (2).edi'));
    await rm(staged());
    expect(one.delivery()).toMatchObject({ state: 'staged', remoteId: 'orders.edi' });
    expect(await one.reconcile()).toEqual({ type: 'delivered', proof: 'orders (2).edi' });
    await rm(join(directory, 'orders (2).edi'));
    expect(await one.reconcile()).toMatchObject({ type: 'unknown' });
  });

  test('of what was never staged there is nothing to be found, and nothing is handed over', async () => {
    expect(await attempt(parcelOf('never')).reconcile()).toMatchObject({ type: 'unknown' });
    expect(await visible()).toEqual([]);
  });
});
