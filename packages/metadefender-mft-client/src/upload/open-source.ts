import type { FileHandle } from 'node:fs/promises';
import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { UploadSourceError } from '../errors/upload-source-error';
import { streamIterator } from './stream-iterator';
import { unlessAborted } from './unless-aborted';
import type { UploadBuffers } from './upload-buffers';
import type { OpenedSource, StreamFactory, UploadSource } from './upload-source';

/** Below this an own buffer is cheaper than a shared one of full chunk size. */
const SMALL_BYTES = 1024 * 1024;

export interface ReadOptions {
  readonly buffers: UploadBuffers;
  readonly chunkBytes: number;
  readonly signal: AbortSignal;
}

/**
 * Opens a source for one pass. The caller closes it.
 *
 * @throws the file system's own error when a path cannot be opened
 */
export async function openSource(source: UploadSource, options: ReadOptions): Promise<OpenedSource> {
  if (typeof source === 'string') return fromFile(await open(source, 'r'), options);
  if (source instanceof Uint8Array)
    return fromMemory(Buffer.from(source.buffer, source.byteOffset, source.byteLength));
  if (source instanceof Blob) return fromStream({ open: () => source.stream(), size: source.size }, options);
  return fromStream(source, options);
}

function fromMemory(bytes: Buffer): OpenedSource {
  let position = 0;
  return {
    size: bytes.length,
    read: (length) => {
      const data = bytes.subarray(position, position + length);
      position += length;
      return Promise.resolve({ data, release: () => undefined });
    },
    expectEnd: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}

async function fromFile(handle: FileHandle, options: ReadOptions): Promise<OpenedSource> {
  const facts = await handle.stat().catch(async (error: unknown) => {
    await handle.close();
    throw error;
  });
  if (!facts.isFile()) {
    await handle.close();
    throw new UploadSourceError('The path to upload leads to no ordinary file.');
  }
  let position = 0;
  return {
    size: facts.size,
    read: (length, signal) =>
      filled(length, signal, options, async (target, at) => {
        const { bytesRead } = await handle.read(target, at, length - at, position);
        position += bytesRead;
        return bytesRead;
      }),
    expectEnd: async () => {
      const { bytesRead } = await handle.read(Buffer.alloc(1), 0, 1, position);
      if (bytesRead > 0) throw tooLong(facts.size);
    },
    close: () => handle.close(),
  };
}

async function fromStream(factory: StreamFactory, options: ReadOptions): Promise<OpenedSource> {
  const size = factory.size ?? (await countBytes(factory, options.signal));
  const stream = await factory.open();
  const iterator = streamIterator(stream);
  let rest = Buffer.alloc(0);
  const more = async (): Promise<boolean> => {
    while (rest.length === 0) {
      const next = await iterator.next();
      if (next.done === true) return false;
      rest = viewOf(next.value);
    }
    return true;
  };
  return {
    size,
    read: (length, signal) =>
      filled(length, signal, options, async (target, at) => {
        if (!(await more())) return 0;
        const copied = rest.copy(target, at, 0, Math.min(rest.length, length - at));
        rest = rest.subarray(copied);
        return copied;
      }),
    expectEnd: async () => {
      if (await more()) throw tooLong(size);
    },
    close: () => {
      // Not awaited: behind a read that never ends, the end of an iterator waits for ever.
      if (stream instanceof Readable) stream.destroy();
      else iterator.return?.().then(undefined, () => undefined);
      return Promise.resolve();
    },
  };
}

/** The first pass over a stream of unknown length. */
async function countBytes(factory: StreamFactory, signal: AbortSignal): Promise<number> {
  let size = 0;
  const stream = await factory.open();
  try {
    const iterator = streamIterator(stream);
    for (;;) {
      const next = await unlessAborted(iterator.next(), signal);
      if (next.done === true) return size;
      size += viewOf(next.value).length;
    }
  } finally {
    if (stream instanceof Readable) stream.destroy();
  }
}

function viewOf(piece: unknown): Buffer<ArrayBuffer> {
  if (piece instanceof Uint8Array)
    return Buffer.from(piece.buffer as ArrayBuffer, piece.byteOffset, piece.byteLength);
  throw new UploadSourceError(
    'The stream gave something other than bytes; a text stream must not be decoded before.',
  );
}

async function filled(
  length: number,
  signal: AbortSignal,
  { buffers, chunkBytes }: ReadOptions,
  readInto: (target: Buffer, at: number) => Promise<number>,
) {
  const loan = await buffers.lend(length <= SMALL_BYTES ? length : chunkBytes, signal);
  try {
    for (let at = 0; at < length;) {
      const got = await unlessAborted(readInto(loan.buffer, at), signal);
      if (got === 0)
        throw new UploadSourceError('The source ended before the number of bytes that was announced.');
      at += got;
    }
  } catch (error) {
    // A read that was given up may still write into it.
    loan.giveBack(!signal.aborted);
    throw error;
  }
  return { data: loan.buffer.subarray(0, length), release: (reusable: boolean) => loan.giveBack(reusable) };
}

const tooLong = (size: number): UploadSourceError =>
  new UploadSourceError(`The source has more than the ${String(size)} bytes that were announced.`);
