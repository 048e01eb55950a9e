import { CustodyDamagedError } from '../custody';
import type { KeyRing } from '../key-ring';
import type { SealedSource } from '../open-frames';
import { openFrames } from '../open-frames';
import type { CacheDraft, SealedCache } from '../sealed-cache';
import type { Bucket } from './bucket';
import type { BucketLayout } from './bucket-layout';
import { createBucketSource } from './bucket-source';

interface Places {
  readonly bucket: Bucket;
  readonly layout: BucketLayout;
  readonly keyRing: KeyRing;
  readonly cache: SealedCache | null;
}

/**
 * The plain bytes of an object from byte `start` on: from its copy, and from the bucket from that byte on at which the
 * copy turns out to be damaged. What is read whole from the bucket is copied on the way.
 * @throws CustodyDamagedError, CustodyUnavailableError
 */
export async function* readCachedObject(
  places: Places,
  key: string,
  start: number,
): AsyncGenerator<Buffer, void> {
  const { layout, cache, keyRing } = places;
  const name = layout.objectName(key);
  let at = start;
  const copy = await cache?.open(key);
  if (copy !== undefined) {
    try {
      for await (const bytes of openFrames(copy, { keyRing, name: key, start })) {
        at += bytes.length;
        yield bytes;
      }
      return;
    } catch (error) {
      if (error instanceof RangeError) throw error;
      await cache?.drop(key);
    } finally {
      await copy.close().catch(() => undefined);
    }
  }
  yield* readFromBucket(places, { name, key, start: at });
}

async function* readFromBucket(
  { bucket, keyRing, cache }: Places,
  { name, key, start }: { name: string; key: string; start: number },
): AsyncGenerator<Buffer, void> {
  const source = createBucketSource(bucket, name, key);
  const copy = start === 0 ? await cache?.begin(key) : undefined;
  try {
    const copied = copy === undefined ? source : copying(source, copy);
    yield* openFrames(copied, { keyRing, name: key, start });
    await copy?.keep((await source.stat()).size);
  } catch (error) {
    if (!(error instanceof CustodyDamagedError)) throw error;
    throw new CustodyDamagedError(`Object ${key} in custody is damaged: ${error.message}.`, { cause: error });
  } finally {
    source.close();
    // Nothing where it was kept.
    await copy?.discard();
  }
}

/** Writes whatever is read; from the first byte to the last each is read once. */
function copying(source: SealedSource, copy: CacheDraft): SealedSource {
  return {
    stat: () => source.stat(),
    async read(into, offset, length, position) {
      const { bytesRead } = await source.read(into, offset, length, position);
      await copy.write(into.subarray(offset, offset + bytesRead), position);
      return { bytesRead };
    },
  };
}
