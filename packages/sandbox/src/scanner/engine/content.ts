import type { Readable } from 'node:stream';

/**
 * What the engine looks at: bytes that can be read from any place, any number of times. A `Blob` of the
 * store is one; so is anything else that knows its size. Positions are bytes, `end` is exclusive.
 */
export interface Content {
  readonly size: number;
  read(start?: number, end?: number): Readable;
}
