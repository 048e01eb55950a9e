import type { Bucket } from '../bucket/bucket';
import type { BucketLayout } from '../bucket/bucket-layout';
import { createBucketUpload } from '../bucket/bucket-upload';
import type { SealedStore } from './sealed-store';

/** A bucket that is filled. Its identity is written before. */
export function createSealedBucket(bucket: Bucket, layout: BucketLayout): SealedStore {
  return {
    async read(key) {
      const found = await bucket.get(layout.objectName(key), { from: 0 });
      return found?.body as AsyncIterable<Buffer> | undefined;
    },
    async write(key, sealed) {
      const name = layout.objectName(key);
      // A name is given once; whoever writes here knows that what is there is not it.
      await bucket.remove(name);
      const upload = createBucketUpload({ bucket, name, signal: undefined });
      try {
        for await (const piece of sealed) await upload.writev([piece]);
        await upload.finish();
      } catch (error) {
        await upload.undo();
        throw error;
      }
    },
  };
}
