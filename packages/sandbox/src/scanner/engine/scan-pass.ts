import type { Readable } from 'node:stream';
import { createNeedleSearch } from './needle-search';

/** What one pass over the bytes of a file or of an archive's member has shown. */
export interface ScanPass {
  readonly infected: boolean;
  /** The first bytes (4 KiB at most): enough to tell the kind of a file. */
  readonly head: Buffer;
  /** Whether it is a ZIP, and what says so. */
  readonly zip: 'no' | 'by-start' | 'by-end';
}

const HEAD_BYTES = 4096;
// The end record of a ZIP is 22 bytes and a comment of at most 65,535 (APPNOTE 4.3.16).
const ZIP_TAIL_BYTES = 22 + 65_535;
const ZIP_MEMBER = Buffer.from([0x50, 0x4b, 0x03, 0x04]);
const ZIP_END = Buffer.from([0x50, 0x4b, 0x05, 0x06]);

/**
 * Reads a stream to its end, once, and tells what can be told in one pass. Holds the head and the last
 * one or two pieces, whatever the size.
 *
 * @param stream - The bytes; destroyed when the pass ends early.
 * @param needle - What counts as an infection: the pass ends where it is found.
 * @throws The stream's own error.
 * @example
 * const pass = await scanPass(blob.read(), eicar());
 */
export async function scanPass(stream: Readable, needle: Buffer): Promise<ScanPass> {
  const search = createNeedleSearch(needle);
  const head: Buffer[] = [];
  const tail: Buffer[] = [];
  let tailBytes = 0;
  let size = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    if (size < HEAD_BYTES) head.push(Buffer.from(chunk.subarray(0, HEAD_BYTES - size)));
    size += chunk.length;
    if (search.push(chunk)) return { infected: true, head: Buffer.concat(head), zip: 'no' };
    // Whole pieces are kept and let go, nothing is copied: a blob's are of 1 MiB.
    tail.push(chunk);
    tailBytes += chunk.length;
    while (tail[0] !== undefined && tailBytes - tail[0].length >= ZIP_TAIL_BYTES) {
      tailBytes -= tail.shift()?.length ?? 0;
    }
  }
  const start = Buffer.concat(head);
  const startsAsZip = [ZIP_MEMBER, ZIP_END].some((magic) => start.subarray(0, 4).equals(magic));
  // A self-extracting archive starts with a program: only its end tells.
  const endsAsZip = !startsAsZip && Buffer.concat(tail).subarray(-ZIP_TAIL_BYTES).includes(ZIP_END);
  return { infected: false, head: start, zip: startsAsZip ? 'by-start' : endsAsZip ? 'by-end' : 'no' };
}
