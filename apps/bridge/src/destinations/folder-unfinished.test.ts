/** What becomes of a delivery that is given up, or searched for, after a crash at its last step. */
import { link, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Parcel } from './destination';
import type { FolderDestinationOptions } from './folder';
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

  test('what had appeared already was delivered, also where somebody has fetched it since', async () => {
    const one = attempt(parcelOf('here'), { link: dying() });
    await expect(one.deliver()).rejects.toThrow('killed');
    await link(staged(), join(directory, 'orders.edi'));
    expect(await one.fate()).toEqual({ type: 'delivered', proof: 'orders.edi' });
    await rm(staged());
    await rm(join(directory, 'orders.edi'));
    expect(await one.fate()).toEqual({ type: 'delivered', proof: 'orders.edi' });
  });

  test('without its folder nobody can say', async () => {
    const one = attempt(parcelOf('away'), { link: dying() });
    await expect(one.deliver()).rejects.toThrow('killed');
    await rm(directory, { recursive: true });
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

  test('a restored ledger notes a name that another file got: it is found under the next, and where it is nowhere, as noted', async () => {
    const one = attempt(parcelOf('ours'), { link: dying() });
    await expect(one.deliver()).rejects.toThrow('killed');
    await writeFile(join(directory, 'orders.edi'), "another's");
    await link(staged(), join(directory, 'orders (2).edi'));
    await rm(staged());
    expect(one.delivery()).toMatchObject({ state: 'staged', remoteId: 'orders.edi' });
    expect(await one.reconcile()).toEqual({ type: 'delivered', proof: 'orders (2).edi' });
    await rm(join(directory, 'orders (2).edi'));
    expect(await one.reconcile()).toEqual({ type: 'delivered', proof: 'orders.edi' });
  });

  test('of what was never staged there is nothing to be found, and nothing is handed over', async () => {
    expect(await attempt(parcelOf('never')).reconcile()).toMatchObject({ type: 'unknown' });
    expect(await visible()).toEqual([]);
  });
});
