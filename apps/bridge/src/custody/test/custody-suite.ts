import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { RangedCustody } from '../custody';
import { CustodyDamagedError } from '../custody';
import type { KeyRing } from '../key-ring';
import { openKeyRing, rotateKeyRing } from '../key-ring';

/** A store under test, empty. */
export interface SuiteStore {
  open(keyRing: KeyRing): Promise<RangedCustody>;
  /** Reads and replaces the sealed bytes of an object, behind custody's back. */
  readObject(key: string): Promise<Buffer>;
  writeObject(key: string, sealed: Buffer): Promise<void>;
  /** Names of all that is stored, finished or not. */
  stored(): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** What every custody must do, whatever its store. */
export function custodySuite(what: string, prepare: (root: string) => Promise<SuiteStore>): void {
  describe(`custody in ${what}`, () => {
    let root: string;
    let store: SuiteStore;
    let ring: KeyRing;
    let custody: RangedCustody;

    const openRing = async (): Promise<KeyRing> =>
      (await openKeyRing({ path: join(root, 'keys.json'), holdsData: false, now: () => 0 })).ring;
    const deposit = async (plain: Buffer): Promise<string> =>
      (await custody.deposit(Readable.from([plain]), { name: 'x' })).key;
    const keys = async (): Promise<string[]> => {
      const found: string[] = [];
      for await (const { key } of custody.list()) found.push(key);
      return found.sort();
    };

    beforeEach(async () => {
      root = await mkdtemp(join(tmpdir(), 'custody-suite-'));
      store = await prepare(root);
      ring = await openRing();
      custody = await store.open(ring);
    });
    afterEach(async () => {
      await custody.close();
      await store.close();
      await rm(root, { recursive: true });
    });

    test('what is deposited comes back, described by size, hash and content, and from any byte on', async () => {
      const plain = Buffer.concat([Buffer.from('%PDF-1.7\n'), randomBytes(3_000_000)]);
      const totals: number[] = [];
      const made = await custody.deposit(Readable.from([plain]), {
        name: 'orders.csv',
        onBytes: (total) => totals.push(total),
      });
      expect(made).toEqual({
        key: expect.stringMatching(/^[0-9a-f]{32}$/),
        size: plain.length,
        sha256: createHash('sha256').update(plain).digest('hex'),
        media: 'document',
      });
      expect(totals.at(-1)).toBe(plain.length);
      expect((await buffer(custody.open(made.key))).equals(plain)).toBe(true);
      for (const start of [1, 1_048_576, 2_500_000, plain.length])
        expect((await buffer(custody.openFrom(made.key, start))).equals(plain.subarray(start))).toBe(true);
      expect(await keys()).toEqual([made.key]);
      await custody.remove(made.key);
      await custody.remove(made.key);
      expect(await keys()).toEqual([]);
      expect(await store.stored()).toEqual([]);
      await expect(buffer(custody.open(made.key))).rejects.toThrow(/missing from custody/);
    });

    test.each([0, 1, 1_048_575, 1_048_576, 1_048_577])('%i bytes come back', async (size) => {
      const plain = randomBytes(size);
      const key = await deposit(plain);
      expect((await buffer(custody.open(key))).equals(plain)).toBe(true);
    });

    test('neither content nor name is stored', async () => {
      const { key } = await custody.deposit(Readable.from([Buffer.from('a secret order '.repeat(1000))]), {
        name: '../../etc/evil-name',
      });
      expect((await store.readObject(key)).includes('secret')).toBe(false);
      expect((await store.stored()).join()).not.toContain('evil');
    });

    test('names from outside are no keys', async () => {
      for (const key of ['../victim', '', '.', `${'a'.repeat(31)}/`, 'A'.repeat(32)]) {
        await expect(buffer(custody.open(key))).rejects.toThrow('not a key of this custody store');
        await expect(custody.remove(key)).rejects.toThrow('not a key of this custody store');
      }
    });

    test('altered, cut or exchanged objects error before a wrong byte is given', async () => {
      const plain = randomBytes(2_500_000);
      const [one, two, three] = await Promise.all([deposit(plain), deposit(plain), deposit(plain)]);
      const altered = await store.readObject(one);
      altered.writeUInt8(altered.readUInt8(1_500_000) ^ 1, 1_500_000);
      await store.writeObject(one, altered);
      const given: Buffer[] = [];
      const reading = (async () => {
        for await (const chunk of custody.open(one)) given.push(chunk as Buffer);
      })();
      await expect(reading).rejects.toThrow(CustodyDamagedError);
      expect(Buffer.concat(given).equals(plain.subarray(0, 1024 * 1024))).toBe(true);

      await store.writeObject(three, await store.readObject(two));
      await expect(buffer(custody.open(three))).rejects.toThrow(CustodyDamagedError);
      await store.writeObject(two, (await store.readObject(two)).subarray(0, 2_000_000));
      await expect(buffer(custody.open(two))).rejects.toThrow(/Object [0-9a-f]{32} in custody is damaged/);
    });

    test('after a rotation both old and new objects can be read', async () => {
      const old = await deposit(Buffer.from('old'));
      await rotateKeyRing({ path: join(root, 'keys.json'), now: () => 0 });
      await custody.close();
      custody = await store.open(await openRing());
      const fresh = await deposit(Buffer.from('new'));
      expect(String(await buffer(custody.open(old)))).toBe('old');
      expect(String(await buffer(custody.open(fresh)))).toBe('new');
      const withOldKey = await store.open(ring);
      await expect(buffer(withOldKey.open(fresh))).rejects.toThrow(/which is not in the key file/);
      await withOldKey.close();
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
      cut.push(randomBytes(12_000_000));
      setTimeout(() => cut.destroy(new Error('socket hang up')), 20);
      await expect(custody.deposit(cut, { name: 'x' })).rejects.toThrow('socket hang up');

      const long = Readable.from([randomBytes(9_000_000), randomBytes(9_000_000)]);
      const tooLarge = (total: number): void => {
        if (total > 15_000_000) throw new Error('larger than intake takes');
      };
      await expect(custody.deposit(long, { name: 'x', onBytes: tooLarge })).rejects.toThrow(
        'larger than intake takes',
      );
      expect(long.destroyed).toBe(true);
      expect(await store.stored()).toEqual([]);
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

    test('readers that leave early hold nothing', async () => {
      const key = await deposit(randomBytes(5_000_000));
      for (let round = 0; round < 20; round += 1) {
        const stream = custody.open(key);
        const left = new Promise((resolve) => stream.once('close', resolve));
        if (round % 2 === 0) stream.destroy();
        else stream.once('data', () => stream.destroy());
        await left;
      }
      expect((await buffer(custody.open(key))).length).toBe(5_000_000);
    });
  });
}
