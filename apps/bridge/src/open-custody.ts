import { egressOptions } from './clients/egress-options';
import type { BridgeConfig } from './config/schema';
import { createBucketCustody } from './custody/bucket/bucket-custody';
import { checkBucket } from './custody/bucket/check-bucket';
import { openBucket } from './custody/bucket/open-bucket';
import type { RangedCustody } from './custody/custody';
import type { CustodySite } from './custody/custody-site';
import { openDirectoryCustody } from './custody/directory-custody';
import { directorySite } from './custody/directory-site';
import type { KeyRing } from './custody/key-ring';
import { openSealedCache } from './custody/sealed-cache';

type StoreConfig = Pick<BridgeConfig, 'custody' | 'egress'>;

/** The store that the configuration names. */
export interface CustodyStore {
  readonly site: CustodySite;
  /** Whether several bridges deposit in it. */
  readonly isShared: boolean;
  /** Tries out what will be asked of it. @throws CustodyUnavailableError with what to do */
  check(): Promise<void>;
  /** Opens it for use, once it is known to be ours. */
  open(keyRing: KeyRing): Promise<RangedCustody>;
  /** After custody was closed. */
  close(): Promise<void>;
}

/**
 * Chooses the store by configuration alone.
 * @example
 * const store = await openStore(config);
 * await store.check();
 * const custody = await store.open(ring);
 */
export async function openStore(config: StoreConfig): Promise<CustodyStore> {
  return config.custody.bucket === null ? directoryStore(config) : bucketStore(config, config.custody.bucket);
}

function directoryStore({ custody }: StoreConfig): CustodyStore {
  const { directory, shared, minFreeBytes } = custody;
  return {
    site: directorySite(directory, { shared }),
    isShared: shared,
    check: () => Promise.resolve(),
    open: (keyRing) => openDirectoryCustody({ directory, keyRing, minFreeBytes, shared }),
    close: () => Promise.resolve(),
  };
}

async function bucketStore(
  { custody, egress }: StoreConfig,
  config: NonNullable<StoreConfig['custody']['bucket']>,
): Promise<CustodyStore> {
  const { bucket, layout, site, close } = await openBucket(config, egressOptions(egress));
  return {
    site,
    isShared: true,
    check: () => checkBucket(bucket, layout),
    async open(keyRing) {
      const cache = custody.cache.maxBytes === 0 ? null : await openSealedCache(custody.cache);
      return createBucketCustody({ bucket, layout, keyRing, cache });
    },
    close() {
      close();
      return Promise.resolve();
    },
  };
}
