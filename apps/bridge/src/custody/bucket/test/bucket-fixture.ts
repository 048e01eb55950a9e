import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { TestBucket } from '../../../../test/rig/bucket/start-bucket';
import { startBucket } from '../../../../test/rig/bucket/start-bucket';
import type { RangedCustody } from '../../custody';
import type { KeyRing } from '../../key-ring';
import { openKeyRing } from '../../key-ring';
import { openSealedCache } from '../../sealed-cache';
import { noWaits, openTestBucket } from '../../test/open-test-bucket';
import { createBucketCustody } from '../bucket-custody';
import type { OpenBucket } from '../open-bucket';

/** A bucket, custody in it, and a directory; made anew for each test of the file that calls this. */
export interface BucketFixture {
  readonly server: TestBucket;
  readonly open: OpenBucket;
  readonly ring: KeyRing;
  readonly root: string;
  readonly waits: readonly number[];
  readonly custody: RangedCustody;
  /** Custody in the same bucket with copies of up to so many bytes in `root`/cache. */
  withCache(maxBytes: number): Promise<RangedCustody>;
  deposit(plain: Buffer, custody?: RangedCustody): Promise<string>;
  read(key: string, custody?: RangedCustody): Promise<Buffer>;
  /** Names of the objects below objects/. */
  objects(): Promise<readonly string[]>;
}

export function bucketFixture(): BucketFixture {
  let server: TestBucket;
  let open: OpenBucket;
  let ring: KeyRing;
  let root = '';
  let waits: readonly number[] = [];
  let custody: RangedCustody;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'bucket-custody-'));
    server = await startBucket();
    const tools = noWaits();
    waits = tools.waits;
    open = await openTestBucket(server, {}, { tools });
    const keys = join(root, 'keys.json');
    ring = (await openKeyRing({ path: keys, holdsData: false, now: () => 0 })).ring;
    custody = createBucketCustody({ ...open, keyRing: ring, cache: null, partBytes });
  });
  afterEach(async () => {
    server.onRequest(() => undefined);
    await custody.close();
    open.close();
    await server.close();
    await rm(root, { recursive: true, force: true });
  });

  return {
    get server() {
      return server;
    },
    get open() {
      return open;
    },
    get ring() {
      return ring;
    },
    get root() {
      return root;
    },
    get waits() {
      return waits;
    },
    get custody() {
      return custody;
    },
    async withCache(maxBytes) {
      const cache = await openSealedCache({ directory: join(root, 'cache'), maxBytes });
      return createBucketCustody({ ...open, keyRing: ring, cache, partBytes });
    },
    deposit: async (plain, store = custody) =>
      (await store.deposit(Readable.from([plain]), { name: 'x' })).key,
    read: (key, store = custody) => buffer(store.open(key)),
    async objects() {
      const names = await readdir(join(server.directory, 'test', 'objects')).catch(() => []);
      return names.filter((name) => name.endsWith('_object')).map((name) => name.slice(0, 32));
    },
  };
}

/** The smallest that stores take. */
const partBytes = 5 * 1024 * 1024;

/** Larger than a part. */
export const severalParts = (): Buffer => randomBytes(partBytes + 500_000);
