import { createHash } from 'node:crypto';
import type { Request } from 'express';
import { BLOB_STEP_BYTES } from '../blobs/blob';
import { Refusal } from './refusal';
import type { OpenFile } from './transfers';

/** The largest chunk in bytes: the documented 100 MB, read generously. */
export const MAX_CHUNK_BYTES = 100 * 1024 * 1024;

/**
 * Takes the body of one chunk into a file, in steps, whatever its size. Only a chunk that came whole, and with the
 * right checksum, counts; one that did not may be sent again at the same offset.
 *
 * @param offset - Where the chunk belongs, in bytes from the start of the file.
 * @param checksum - MD5 of the chunk, in hex or base64; without one nothing is checked.
 * @throws Refusal 400 if the chunk is too large, leaves the file, or does not match its checksum.
 * @throws Error if the connection is cut.
 */
export async function receiveChunk(
  request: Request,
  file: OpenFile,
  offset: number,
  checksum: string | undefined,
): Promise<void> {
  const room = Math.min(MAX_CHUNK_BYTES, file.size - offset);
  const md5 = checksum === undefined ? undefined : createHash('md5');
  let bytes = 0;
  let written = 0;
  let waiting: Buffer[] = [];
  const flush = async (): Promise<void> => {
    if (waiting.length === 0) return;
    const step = Buffer.concat(waiting);
    waiting = [];
    md5?.update(step);
    const at = offset + written;
    written += step.length;
    await file.writer.write(at, step);
  };
  file.receiving += 1;
  try {
    for await (const piece of request as AsyncIterable<Buffer>) {
      bytes += piece.length;
      // What is too much is read and dropped: leaving the loop would cut the connection before the answer.
      if (bytes > room) continue;
      waiting.push(piece);
      if (bytes - written >= BLOB_STEP_BYTES) await flush();
    }
    await flush();
    if (bytes > MAX_CHUNK_BYTES) throw new Refusal(400, 'A chunk may have 100 MB at most');
    if (bytes > room) throw new Refusal(400, 'The chunk reaches beyond the announced size of the file');
    if (md5 !== undefined && !matches(md5.digest(), checksum)) {
      throw new Refusal(400, 'The chunk does not match its checksum');
    }
    file.ledger.add(offset, offset + bytes);
  } catch (error) {
    // What was acknowledged there before may have been written over.
    file.ledger.spoil(offset, offset + written);
    throw error;
  } finally {
    file.receiving -= 1;
  }
}

function matches(digest: Buffer, checksum = ''): boolean {
  return checksum.toLowerCase() === digest.toString('hex') || checksum === digest.toString('base64');
}
