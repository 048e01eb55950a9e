/** One piece of a file. */
export interface Chunk {
  readonly index: number;
  /** bytes from the start of the file */
  readonly offset: number;
  /** bytes */
  readonly length: number;
}

/** The server refuses chunks above 100 MB. */
export const MAX_CHUNK_BYTES = 100_000_000;
/** What the vendor's tutorial recommends. */
export const DEFAULT_CHUNK_BYTES = 10 * 1024 * 1024;

/**
 * Cuts a file into chunks that cover it exactly once, in order. An empty file has none.
 *
 * @param size bytes of the file
 * @param chunkBytes bytes of each chunk but the last, 1 to {@link MAX_CHUNK_BYTES}. If the server keeps its temporary files on S3, every
 * chunk but the last must have at least 5 MB.
 * @throws RangeError when either is not a whole number within its limits
 */
export function* chunkPlan(size: number, chunkBytes: number): Generator<Chunk, void, undefined> {
  if (!Number.isSafeInteger(size) || size < 0)
    throw new RangeError(`A file has a whole number of bytes; got ${String(size)}.`);
  if (!Number.isSafeInteger(chunkBytes) || chunkBytes < 1 || chunkBytes > MAX_CHUNK_BYTES) {
    throw new RangeError(
      `chunkBytes must be a whole number from 1 to ${String(MAX_CHUNK_BYTES)}; got ${String(chunkBytes)}.`,
    );
  }
  for (let index = 0, offset = 0; offset < size; index += 1, offset += chunkBytes) {
    yield { index, offset, length: Math.min(chunkBytes, size - offset) };
  }
}
