import { egressOptions } from './clients/egress-options';
import type { BridgeConfig } from './config/schema';
import { openBucket } from './custody/bucket/open-bucket';
import { checkBucket } from './custody/bucket/check-bucket';
import type { CustodySite } from './custody/custody-site';
import { CustodyIdentityError } from './custody/custody-identity';
import { directoryLayout } from './custody/directory-layout';
import { directorySite } from './custody/directory-site';
import type { Carried } from './custody/move/carry-objects';
import { carryObjects } from './custody/move/carry-objects';
import { createSealedBucket } from './custody/move/sealed-bucket';
import { openSealedDirectory, readSealedDirectory } from './custody/move/sealed-directory';
import type { SealedStore } from './custody/move/sealed-store';

export interface MoveCustodyOptions {
  /** The custody directory; nothing in it is touched. */
  readonly from: string;
  readonly to: Pick<BridgeConfig, 'custody' | 'egress'>;
  /** To which the new store will belong. */
  readonly ledgerId: string;
  /** What the ledger refers to. */
  readonly keys: AsyncIterable<string>;
  readonly onCarried: (count: number) => void;
}

/**
 * Copies what is in custody to the store of another configuration, and binds that store to the ledger. Nothing may be
 * deposited meanwhile.
 * @throws CustodyIdentityError where the store belongs to another ledger, or holds objects and does not say whose
 */
export async function moveCustody({
  from,
  to,
  ledgerId,
  keys,
  onCarried,
}: MoveCustodyOptions): Promise<Carried> {
  const { site, open, close } = await openTarget(to);
  try {
    await bind(site, ledgerId);
    const store = await open();
    return await carryObjects({
      from: readSealedDirectory(directoryLayout(from)),
      to: store,
      keys,
      onCarried,
    });
  } finally {
    close();
  }
}

/** First of all: an object without an identity beside it would be anybody's. */
async function bind(site: CustodySite, ledgerId: string): Promise<void> {
  const known = await site.readIdentity();
  if (known === ledgerId) return;
  const [found] = known === undefined ? await firstObject(site) : [known];
  if (found !== undefined) {
    throw new CustodyIdentityError(
      `The ${site.name} ${known === undefined ? 'holds objects already, and does not say whose' : 'belongs to another ledger'}. Name an empty one in ${site.setting} for the bytes of this one.`,
    );
  }
  await site.writeIdentity(ledgerId);
}

async function firstObject(site: CustodySite): Promise<readonly string[]> {
  for await (const { key } of site.objects()) return [key];
  return [];
}

interface Target {
  readonly site: CustodySite;
  open(): Promise<SealedStore>;
  close(): void;
}

async function openTarget({ custody, egress }: MoveCustodyOptions['to']): Promise<Target> {
  const { bucket: config, directory, shared } = custody;
  if (config === null) {
    return {
      site: directorySite(directory, { shared }),
      open: () => openSealedDirectory(directory, { shared }),
      close: () => undefined,
    };
  }
  const { bucket, layout, site, close } = await openBucket(config, egressOptions(egress));
  try {
    await checkBucket(bucket, layout);
  } catch (error) {
    close();
    throw error;
  }
  return { site, open: () => Promise.resolve(createSealedBucket(bucket, layout)), close };
}
