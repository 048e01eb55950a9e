import { text } from 'node:stream/consumers';
import { CustodyDamagedError } from '../custody';
import { boundMeanwhile, identityText, parseIdentity } from '../custody-identity';
import type { CustodySite } from '../custody-site';
import { openFrames } from '../open-frames';
import type { Bucket } from './bucket';
import type { BucketLayout } from './bucket-layout';
import { createBucketSource } from './bucket-source';

/** A bucket, as it is looked at before it is used. `name` says which, for sentences. */
export function bucketSite(bucket: Bucket, layout: BucketLayout, name: string): CustodySite {
  const identityPlace = `the object ${layout.identity} of the ${name}`;
  const readIdentity = async (): Promise<string | undefined> => {
    const found = await bucket.get(layout.identity, { from: 0, to: 4_095 });
    return found === undefined ? undefined : parseIdentity(await text(found.body), identityPlace);
  };
  return {
    name,
    setting: 'custody.bucket',
    identityPlace,
    readIdentity,
    async writeIdentity(ledgerId) {
      await bucket.put(layout.identity, Buffer.from(identityText(ledgerId)), {});
      // Read in any case: it may be ours by a try whose answer was lost, or another bridge of the same ledger's.
      if ((await readIdentity()) !== ledgerId) throw boundMeanwhile(name);
    },
    async *objects() {
      for await (const { name: object } of bucket.list(layout.objects)) {
        const key = layout.keyOf(object);
        if (key !== undefined) yield { key };
      }
    },
    has: async (key) => (await bucket.look(layout.objectName(key))) !== undefined,
    async *read(ring, key) {
      const source = createBucketSource(bucket, layout.objectName(key), key);
      try {
        yield* openFrames(source, { keyRing: ring, name: key });
      } finally {
        source.close();
      }
    },
    async opens(ring, key) {
      const source = createBucketSource(bucket, layout.objectName(key), key);
      try {
        await openFrames(source, { keyRing: ring, name: key }).next();
        return true;
      } catch (error) {
        if (error instanceof CustodyDamagedError) return false;
        throw error;
      } finally {
        source.close();
      }
    },
  };
}
