import { randomBytes } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { CustodyUnavailableError } from '../custody';
import type { Bucket } from './bucket';
import type { BucketLayout } from './bucket-layout';

/**
 * Does once, with an object of no meaning, everything that custody will ask of the bucket: so that a missing right, or a
 * store that overwrites where it must refuse, is found before anything is taken. Leaves nothing behind.
 * @throws CustodyUnavailableError
 */
export async function checkBucket(bucket: Bucket, layout: BucketLayout): Promise<void> {
  const name = layout.probes + randomBytes(16).toString('hex');
  const body = randomBytes(1_024);
  // The right to list is all that is asked for, here and below.
  await bucket.list(layout.objects)[Symbol.asyncIterator]().next();
  if ((await bucket.look(name)) !== undefined) throw unfit('it has an object that nobody stored');
  try {
    await bucket.put(name, body, {});
    if (await bucket.put(name, randomBytes(1_024), {}))
      throw unfit(
        'it overwrites an object although it was asked to store it only under a free name (If-None-Match: *). Use a store that knows conditional writes, such as Amazon S3, MinIO, Ceph or R2 in their present versions',
      );
    await compare(bucket, name, body);
    const upload = await bucket.begin(name, {});
    await bucket.unfinished(layout.probes)[Symbol.asyncIterator]().next();
    await bucket.abort(upload);
  } finally {
    await bucket.remove(name);
  }
  if ((await bucket.look(name)) !== undefined)
    throw unfit('an object that was removed is still there; look for a rule that forbids removal');
}

async function compare(bucket: Bucket, name: string, body: Buffer): Promise<void> {
  const part = await bucket.get(name, { from: 24, to: 1_023 });
  if (part === undefined || !(await buffer(part.body)).equals(body.subarray(24)))
    throw unfit('what was stored comes back altered');
}

const unfit = (why: string): CustodyUnavailableError =>
  new CustodyUnavailableError(`The bucket is not fit for custody: ${why}.`);
