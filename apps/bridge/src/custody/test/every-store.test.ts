/** The same suite on each store that configuration can choose. */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestBucket } from '../../../test/rig/bucket/start-bucket';
import { startBucket } from '../../../test/rig/bucket/start-bucket';
import { createBucketCustody } from '../bucket/bucket-custody';
import { writeCustodyIdentity } from '../custody-identity';
import { openDirectoryCustody } from '../directory-custody';
import { openSealedCache } from '../sealed-cache';
import type { SuiteStore } from './custody-suite';
import { custodySuite } from './custody-suite';
import { openTestBucket } from './open-test-bucket';

jest.setTimeout(180_000);

async function filesIn(directory: string): Promise<readonly string[]> {
  const found = await readdir(directory, { recursive: true, withFileTypes: true });
  return found.filter((entry) => entry.isFile()).map(({ name }) => name);
}

async function inDirectory(root: string, shared: boolean): Promise<SuiteStore> {
  const directory = join(root, 'custody');
  await mkdir(directory);
  // As a bridge has it by the time when it reads: without, a shared directory counts as not mounted.
  if (shared) await writeCustodyIdentity(directory, 'a ledger');
  const pathOf = (key: string): string => join(directory, 'objects', key.slice(0, 2), key);
  return {
    open: (keyRing) => openDirectoryCustody({ directory, keyRing, minFreeBytes: 0, shared }),
    readObject: (key) => readFile(pathOf(key)),
    writeObject: (key, sealed) => writeFile(pathOf(key), sealed),
    stored: async () => (await filesIn(directory)).filter((name) => name !== 'ledger.json'),
    close: () => Promise.resolve(),
  };
}

async function inBucket(server: TestBucket, root: string | null): Promise<SuiteStore> {
  const { bucket, layout, close } = await openTestBucket(server);
  const cache =
    root === null ? null : await openSealedCache({ directory: join(root, 'cache'), maxBytes: 100_000_000 });
  const pathOf = (key: string): string => join(server.directory, `${layout.objectName(key)}._S3rver_object`);
  return {
    open: (keyRing) => Promise.resolve(createBucketCustody({ bucket, layout, keyRing, cache })),
    readObject: (key) => readFile(pathOf(key)),
    async writeObject(key, sealed) {
      await writeFile(pathOf(key), sealed);
      // A copy would hide it: that it does is another test's.
      await cache?.drop(key);
    },
    async stored() {
      const files = await filesIn(server.directory);
      return [
        ...files,
        ...(cache?.keys() ?? []),
        ...Array.from({ length: server.uploads.count() }, () => 'upload'),
      ];
    },
    async close() {
      close();
      await server.close();
    },
  };
}

custodySuite('a directory', (root) => inDirectory(root, false));
custodySuite('a shared directory', (root) => inDirectory(root, true));
custodySuite('a bucket', async () => inBucket(await startBucket(), null));
custodySuite('a bucket with copies on a local disk', async (root) => inBucket(await startBucket(), root));
