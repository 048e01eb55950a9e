import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { Sealer } from './seal-frames';

/** Takes sealed bytes, in order: a file, or an upload. May take a part of them only, and says how many. */
export interface SealedSink {
  writev(buffers: readonly Buffer[]): Promise<{ readonly bytesWritten: number }>;
}

/** What was learned on the way in. `head` are the first bytes, at most 64 KiB. */
export interface WrittenDeposit {
  readonly size: number;
  readonly sha256: string;
  readonly head: Buffer;
}

export interface WriteDepositOptions {
  /** Total of plain bytes so far. */
  readonly onBytes?: ((total: number) => void) | undefined;
  /** Asked before the first byte and after every 16 MiB; throws to refuse the rest. */
  readonly checkRoom?: () => Promise<void>;
}

const headBytes = 64 * 1024;
const batchBytes = 1024 * 1024;
const stepBytes = 1024 * 1024;
const smallBytes = 16 * 1024;
const scratchBytes = 64 * 1024;
const roomEvery = 16 * 1024 * 1024;

/**
 * Hashes, seals and writes a stream in one pass; neither syncs nor closes the sink. While one batch of 1 MiB is being
 * written the next is sealed, and no more is taken from the source: memory does not grow with size.
 * A stream that ends early by destruction is an error, never a shorter file.
 */
export async function writeDeposit(
  source: Readable,
  sink: SealedSink,
  sealer: Sealer,
  { onBytes, checkRoom }: WriteDepositOptions = {},
): Promise<WrittenDeposit> {
  const hash = createHash('sha256');
  const head: Buffer[] = [];
  let headSize = 0;
  let size = 0;
  let batch: Buffer[] = [sealer.header];
  let batchSize = sealer.header.length;
  let writing: Promise<void> = Promise.resolve();
  let unchecked = 0;

  const put = async (sealed: readonly Buffer[], least: number): Promise<void> => {
    for (const piece of sealed) {
      batch.push(piece);
      batchSize += piece.length;
    }
    if (batchSize < least) return;
    unchecked += batchSize;
    const full = batch;
    batch = [];
    batchSize = 0;
    await writing;
    if (unchecked >= roomEvery) {
      unchecked = 0;
      await checkRoom?.();
    }
    writing = writeAll(sink, full);
    writing.catch(() => undefined); // awaited with the next batch
  };

  const take = async (bytes: Buffer): Promise<void> => {
    hash.update(bytes);
    size += bytes.length;
    if (headSize < headBytes) {
      const piece = Buffer.from(bytes.subarray(0, headBytes - headSize));
      head.push(piece);
      headSize += piece.length;
    }
    await put(sealer.update(bytes), batchBytes);
    onBytes?.(size);
  };

  try {
    await checkRoom?.();
    for await (const bytes of pieces(source)) await take(bytes);
    const digest = hash.digest();
    await put(sealer.final(digest), 0);
    await writing;
    return { size, sha256: digest.toString('hex'), head: Buffer.concat(head) };
  } finally {
    // The caller closes the sink next: no write may be under way then.
    await writing.catch(() => undefined);
  }
}

/** The source in pieces of 16 KiB to 1 MiB: a stream of single bytes must not make a million buffers of one byte. */
async function* pieces(source: Readable): AsyncGenerator<Buffer, void> {
  let scratch: Buffer | undefined;
  let used = 0;
  for await (const chunk of source as AsyncIterable<Buffer | string>) {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    if (used > 0 && (bytes.length >= smallBytes || used + bytes.length > scratchBytes)) {
      if (scratch !== undefined) yield scratch.subarray(0, used);
      used = 0;
    }
    if (bytes.length >= smallBytes) {
      for (let at = 0; at < bytes.length; at += stepBytes) yield bytes.subarray(at, at + stepBytes);
    } else {
      // Each piece is hashed and encrypted before the next is asked for, so that the scratch may be used again.
      scratch ??= Buffer.allocUnsafeSlow(scratchBytes);
      used += bytes.copy(scratch, used);
    }
  }
  if (used > 0 && scratch !== undefined) yield scratch.subarray(0, used);
}

/** A write may be partial, above all on a disk that is almost full: the rest tells why. */
async function writeAll(sink: SealedSink, buffers: readonly Buffer[]): Promise<void> {
  let rest = buffers.filter(({ length }) => length > 0);
  while (rest.length > 0) {
    const { bytesWritten } = await sink.writev(rest);
    let done = bytesWritten;
    const unwritten: Buffer[] = [];
    for (const buffer of rest) {
      if (done < buffer.length) unwritten.push(buffer.subarray(done));
      done = Math.max(0, done - buffer.length);
    }
    rest = unwritten;
  }
}
