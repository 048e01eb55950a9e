import { createHash, randomBytes } from 'node:crypto';
import { CustodyUnavailableError } from '../custody';
import type { SealedSink } from '../write-deposit';
import type { Bucket } from './bucket';
import type { MultipartUpload } from './multipart';

/** Bytes of a part: all but the last are of this size, which stores want, and at least 5 MiB, which they want as well. */
const usualPartBytes = 8 * 1024 * 1024;
const mostParts = 10_000;
const firstBytes = 64 * 1024;

/** Takes the sealed bytes of one object to the bucket. */
export interface BucketUpload extends SealedSink {
  /** Resolves once the object stands in the bucket and was looked at. @throws CustodyUnavailableError */
  finish(): Promise<void>;
  /** Removes what was stored of it, as far as the store lets us: what stays behind is swept when it is a day old. */
  undo(): Promise<void>;
}

export interface BucketUploadOptions {
  readonly bucket: Bucket;
  readonly name: string;
  readonly signal: AbortSignal | undefined;
  readonly partBytes?: number;
}

/**
 * Gathers parts and sends each while the next is gathered: two of them are in memory, whatever the size. What fits into
 * one part is stored by a single request.
 *
 * A put whose answer was lost is not told from another's object by the name, which is random, but by a number of this very
 * deposit that stands in its notes: so it is adopted, and never stored twice.
 */
export function createBucketUpload(options: BucketUploadOptions): BucketUpload {
  const { bucket, name, signal, partBytes = usualPartBytes } = options;
  const deposit = randomBytes(16).toString('hex');
  const tags: string[] = [];
  let part: Buffer = Buffer.alloc(0);
  let used = 0;
  let size = 0;
  let spare: Buffer | undefined;
  let upload: MultipartUpload | undefined;
  let sending: Promise<void> = Promise.resolve();
  let finishing = false;

  /** Grows up to a part, so that a small object does not cost a large buffer. */
  const makeRoom = (bytes: number): void => {
    if (part.length >= Math.min(used + bytes, partBytes)) return;
    const wanted = Math.min(partBytes, Math.max(firstBytes, 4 * part.length, used + bytes));
    const larger = spare ?? Buffer.allocUnsafeSlow(wanted);
    spare = undefined;
    part.copy(larger, 0, 0, used);
    part = larger;
  };

  /** Waits for the part before, then sends this one while the next is gathered. */
  const sendPart = async (): Promise<void> => {
    await sending;
    upload ??= await bucket.begin(name, { notes: { deposit }, signal });
    if (tags.length === mostParts) {
      throw new Error(
        `larger than a bucket takes in ${String(mostParts)} parts of ${String(partBytes)} bytes: lower intake.maxAttachmentBytes`,
      );
    }
    const [begun, number, full] = [upload, tags.push('') - 1, part];
    const body = full.subarray(0, used);
    sending = bucket.sendPart(begun, number + 1, body, signal).then((tag) => {
      tags[number] = tag;
      if (full.length === partBytes) spare = full;
    });
    sending.catch(() => undefined); // awaited with the next part
    part = Buffer.alloc(0);
    used = 0;
  };

  const store = async (): Promise<void> => {
    if (upload === undefined) {
      const body = part.subarray(0, used);
      const sealed = createHash('sha256').update(body).digest('hex');
      await bucket.put(name, body, { notes: { deposit, sha256: sealed }, signal });
      return;
    }
    if (used > 0) await sendPart();
    await sending;
    await bucket.complete(upload, tags, signal);
  };

  return {
    async writev(buffers) {
      let bytesWritten = 0;
      for (const buffer of buffers) {
        for (let taken = 0; taken < buffer.length;) {
          if (used === partBytes) await sendPart();
          makeRoom(buffer.length - taken);
          const count = buffer.copy(part, used, taken);
          taken += count;
          used += count;
          size += count;
        }
        bytesWritten += buffer.length;
      }
      return { bytesWritten };
    },
    async finish() {
      signal?.throwIfAborted();
      finishing = true;
      await store();
      const found = await bucket.look(name, signal);
      if (found?.notes['deposit'] === deposit && found.size === size) return;
      throw new CustodyUnavailableError(
        found === undefined
          ? 'The bucket said that it stored an object, and does not have it. It is tried again; where this repeats, the store is not one to keep custody in.'
          : `The bucket holds an object that is not the one that was stored (${String(found.size)} bytes instead of ${String(size)}). It is tried again under another name.`,
      );
    },
    async undo() {
      await sending.catch(() => undefined);
      if (upload !== undefined) await bucket.abort(upload).catch(() => undefined);
      if (finishing) await bucket.remove(name).catch(() => undefined);
    },
  };
}
