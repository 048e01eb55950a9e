import type { Readable } from 'node:stream';
import { CustodyDamagedError, CustodyUnavailableError } from '../custody';
import { frameFormat } from '../frame-format';
import type { SealedSource } from '../open-frames';
import type { Bucket } from './bucket';

/** What the first request brings: header and first frame of a large object, and a small one whole. */
const firstBytes = frameFormat.headerBytes + 1024 * 1024 + frameFormat.tagBytes;
/** Reads of a few bytes that stand elsewhere, such as the closing frame, are no reason to give up the stream. */
const asideBytes = 4 * 1024;
/** Times that a stream may break without a byte having come; the requests themselves are repeated as well. */
const mostBreaks = 4;

/** A sealed object in the bucket, read in order by one request and, where it was cut off, from there on by another. */
export interface BucketSource extends SealedSource {
  close(): void;
}

/** Nothing is asked for before `stat`. */
export function createBucketSource(bucket: Bucket, name: string, key: string): BucketSource {
  let first: Buffer | undefined;
  let size = 0;
  let stream: { at: number; body: Readable; chunks: AsyncIterator<unknown> } | undefined;
  let rest: Buffer = Buffer.alloc(0);

  const drop = (): void => {
    stream?.body.destroy();
    stream = undefined;
    rest = Buffer.alloc(0);
  };

  const begin = async (from: number, to?: number): Promise<Readable> => {
    const found = await bucket.get(name, to === undefined ? { from } : { from, to });
    if (found === undefined) throw new CustodyDamagedError(`Object ${key} is missing from custody.`);
    size = found.size;
    // It is read a piece at a time: nobody may be listening when it breaks.
    found.body.on('error', () => undefined);
    return found.body;
  };

  /** A short range, whole; asked for anew where it was cut off. */
  const range = async (from: number, to: number): Promise<Buffer> => {
    for (let breaks = 1; ; breaks += 1) {
      const body = await begin(from, to);
      const wanted = Math.min(to + 1, size) - from;
      const pieces: Buffer[] = [];
      try {
        for await (const piece of body) pieces.push(piece as Buffer);
        const whole = Buffer.concat(pieces);
        if (whole.length === wanted) return whole;
      } catch (error) {
        if (breaks >= mostBreaks) throw brokenOff(error);
      }
      if (breaks >= mostBreaks) throw brokenOff(undefined);
    }
  };

  /** The next bytes from `at` on, as they come. */
  const next = async (at: number): Promise<Buffer> => {
    for (let breaks = 1; ; breaks += 1) {
      try {
        if (stream?.at !== at) {
          drop();
          const body = await begin(at);
          stream = { at, body, chunks: body[Symbol.asyncIterator]() };
        }
        if (rest.length > 0) return rest;
        const piece = await stream.chunks.next();
        if (piece.done !== true) {
          rest = piece.value as Buffer;
          if (rest.length > 0) return rest;
          continue;
        }
        throw new Error('the answer ended early');
      } catch (error) {
        drop();
        if (error instanceof CustodyDamagedError || error instanceof CustodyUnavailableError) throw error;
        if (breaks >= mostBreaks) throw brokenOff(error);
      }
    }
  };

  return {
    async stat() {
      first ??= await range(0, firstBytes - 1);
      return { size };
    },
    async read(into, offset, length, position) {
      const end = Math.min(position + length, size);
      if (position >= end) return { bytesRead: 0 };
      if (first !== undefined && end <= first.length)
        return { bytesRead: first.copy(into, offset, position, end) };
      // What was brought first is not needed again once something behind it is read in order.
      if (length <= asideBytes && stream?.at !== position) {
        const aside = await range(position, end - 1);
        return { bytesRead: aside.copy(into, offset) };
      }
      const piece = await next(position);
      const count = piece.copy(into, offset, 0, end - position);
      rest = piece.subarray(count);
      if (stream !== undefined) stream.at += count;
      return { bytesRead: count };
    },
    close: drop,
  };
}

function brokenOff(cause: unknown): CustodyUnavailableError {
  const why = cause instanceof Error ? ` (${cause.name})` : '';
  return new CustodyUnavailableError(
    `An object in the bucket was cut off each time that it was read${why}. The work goes on by itself once the way to the store holds.`,
  );
}
