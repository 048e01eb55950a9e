import { randomBytes } from 'node:crypto';
import { addAbortSignal, Readable } from 'node:stream';
import type { Custody, Deposit, RangedCustody, StoredObject } from '../custody';
import type { KeyRing } from '../key-ring';
import { sniffMedia } from '../media';
import type { SealedCache } from '../sealed-cache';
import { createSealer } from '../seal-frames';
import { storeGraceMs } from '../store-grace';
import { writeDeposit } from '../write-deposit';
import type { Bucket } from './bucket';
import type { BucketLayout } from './bucket-layout';
import { createBucketUpload } from './bucket-upload';
import { readCachedObject } from './read-cached-object';

export interface BucketCustodyOptions {
  readonly bucket: Bucket;
  readonly layout: BucketLayout;
  readonly keyRing: KeyRing;
  /** null for none. */
  readonly cache: SealedCache | null;
  readonly partBytes?: number;
}

/**
 * Custody in a bucket, which any number of bridges use at once. A deposit counts once the bucket was seen to hold it;
 * the copy in the cache is written on the way and never counts.
 *
 * @example
 * const custody = createBucketCustody({ bucket, layout: bucketLayout('mft-bridge/'), keyRing: ring, cache });
 * const { key, sha256 } = await custody.deposit(download.body, { name: 'orders.edi', signal });
 */
export function createBucketCustody(options: BucketCustodyOptions): RangedCustody {
  const { bucket, layout, keyRing, cache, partBytes } = options;
  const underWay = new Set<Promise<unknown>>();
  let closed = false;

  const store = async (source: Readable, { name, signal, onBytes }: DepositOptions): Promise<Deposit> => {
    const key = randomBytes(16).toString('hex');
    const upload = createBucketUpload({
      bucket,
      name: layout.objectName(key),
      signal,
      ...(partBytes === undefined ? {} : { partBytes }),
    });
    const copy = await cache?.begin(key);
    let sealedBytes = 0;
    try {
      const sealer = createSealer({ key: keyRing.newest, name: key });
      const sink = {
        async writev(buffers: readonly Buffer[]) {
          for (const buffer of buffers) {
            await copy?.write(buffer, sealedBytes);
            sealedBytes += buffer.length;
          }
          return upload.writev(buffers);
        },
      };
      const { head, ...facts } = await writeDeposit(source, sink, sealer, { onBytes });
      const media = await sniffMedia(head, name);
      await upload.finish();
      await copy?.keep(sealedBytes);
      return { key, media, ...facts };
    } catch (error) {
      await copy?.discard();
      await upload.undo();
      throw error;
    }
  };

  const openFrom = (key: string, start: number): Readable =>
    Readable.from(readCachedObject({ bucket, layout, keyRing, cache }, key, start), {
      objectMode: false,
      highWaterMark: 1024 * 1024,
    });

  return {
    async deposit(source, depositOptions) {
      if (depositOptions.signal !== undefined) addAbortSignal(depositOptions.signal, source);
      // Until the stream is read, nobody would listen to it: an abort must not end the process.
      source.on('error', () => undefined);
      const storing = closed ? Promise.reject(new Error('custody is closed')) : store(source, depositOptions);
      underWay.add(storing);
      try {
        return await storing;
      } finally {
        underWay.delete(storing);
        source.destroy();
      }
    },
    open: (key) => openFrom(key, 0),
    openFrom,
    async remove(key) {
      await bucket.remove(layout.objectName(key));
      await cache?.drop(key);
    },
    async *list(): AsyncGenerator<StoredObject, void> {
      await endOldUploads(bucket, layout);
      const copies = new Set(cache?.keys());
      for await (const { name, at } of bucket.list(layout.objects)) {
        const key = layout.keyOf(name);
        if (key === undefined) continue;
        copies.delete(key);
        yield { key, at, mayBeUnderWay: at >= bucket.clock() - storeGraceMs };
      }
      // Another bridge has removed these: what is removed must not live on here.
      for (const key of copies) await cache?.drop(key);
    },
    room: () => Promise.resolve(Number.MAX_SAFE_INTEGER),
    async close() {
      closed = true;
      await Promise.allSettled(underWay);
    },
  };
}

type DepositOptions = Parameters<Custody['deposit']>[1];

/** Parts of uploads that a process left behind are not seen in any list, and are paid for. */
async function endOldUploads(bucket: Bucket, layout: BucketLayout): Promise<void> {
  for await (const upload of bucket.unfinished(layout.objects))
    if (upload.at < bucket.clock() - storeGraceMs) await bucket.abort(upload);
}
