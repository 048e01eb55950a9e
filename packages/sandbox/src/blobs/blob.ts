import type { Readable } from 'node:stream';

/**
 * Content of any size that is read in pieces. It is not the DOM's `Blob`: nothing of it need be in memory.
 *
 * @example
 * const blob = store.generated(200 * 1024 * 1024, 'demo');
 * blob.read(0, 1024).pipe(response);
 */
export interface Blob {
  /** Bytes. */
  readonly size: number;
  /** Lower-case hex. Computed once: while writing where the bytes came in order, else by one pass over the content. */
  sha256(): Promise<string>;
  /** The bytes from `start` (default 0) up to, not including, `end` (default `size`), in steps of up to 1 MiB. */
  read(start?: number, end?: number): Readable;
  /** The same range as one Buffer. Only for what is known to be small. */
  bytes(start?: number, end?: number): Promise<Buffer>;
  /** Gives memory or disk back. Reading afterwards fails. Twice is harmless. */
  dispose(): Promise<void>;
}

/** Takes content in any order; what was never written reads as arbitrary bytes, so count what came in. */
export interface BlobWriter {
  /** One past the highest byte written so far. */
  readonly size: number;
  /** Writes at a position. Calls may run at the same time; the chunk must not be changed until the promise settles. */
  write(offset: number, chunk: Uint8Array): Promise<void>;
  /** Writes behind the highest byte written so far. */
  append(chunk: Uint8Array): Promise<void>;
  /** Call it when all writes have settled; no more writes after it. */
  finish(): Promise<Blob>;
  /** Throws everything away. Twice is harmless, and so is a call after `finish` (which then keeps the blob). */
  discard(): Promise<void>;
}

/** One step of reading and of hashing. 64 KiB steps were measured a quarter slower on loopback. */
export const BLOB_STEP_BYTES = 1024 * 1024;
