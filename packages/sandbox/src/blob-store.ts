import { randomBytes } from 'node:crypto';
import type { Blob, BlobWriter } from './blobs/blob';
import { BLOB_STEP_BYTES } from './blobs/blob';
import { createBlobDirectory } from './blobs/blob-directory';
import { createBlobWriter } from './blobs/blob-writer';
import { generatedBlob } from './blobs/generated-blob';

export type { Blob, BlobWriter } from './blobs/blob';

/**
 * Keeps the content of one sandbox.
 *
 * No content ever lies on disk in clear, since EICAR and its kind would be taken away by a virus scanner of the
 * host: small content stays in memory, larger content goes to files in a private temporary directory, under
 * AES-256-CTR with a random key that only this process knows. Generated content is computed on read.
 */
export interface BlobStore {
  /** For content that comes in pieces, in any order. */
  create(): BlobWriter;
  /** Takes a stream (any Readable) to its end. Where the stream fails, nothing is kept and the error is passed on. */
  fromStream(source: AsyncIterable<Uint8Array>): Promise<Blob>;
  /** Takes a copy of bytes that are in memory already. */
  fromBytes(bytes: Uint8Array): Promise<Blob>;
  /** `bytes` bytes that depend on `seed` only. */
  generated(bytes: number, seed: string | number): Blob;
  /** Throws all content away and removes the temporary directory. */
  close(): Promise<void>;
}

/** Limits of a store, in bytes. */
export interface BlobStoreOptions {
  /** Larger content goes to disk. Default 256 KiB. */
  readonly memoryPerBlob?: number;
  /** All content in memory together; above it small content goes to disk as well. Default 128 MiB. */
  readonly memoryInAll?: number;
}

/**
 * @example
 * const store = createBlobStore();
 * const blob = await store.fromStream(request);
 * console.log(blob.size, await blob.sha256());
 * await store.close();
 */
export function createBlobStore(options: BlobStoreOptions = {}): BlobStore {
  const { memoryPerBlob = 256 * 1024, memoryInAll = 128 * 1024 * 1024 } = options;
  const directory = createBlobDirectory();
  const key = randomBytes(32);
  const generated = new Map<string, Blob>();
  let inMemory = 0;

  function create(): BlobWriter {
    let mine = 0;
    return createBlobWriter({
      directory,
      key,
      reserve(bytes) {
        if (mine + bytes > memoryPerBlob || inMemory + bytes > memoryInAll) return false;
        mine += bytes;
        inMemory += bytes;
        return true;
      },
      release(bytes) {
        mine -= bytes;
        inMemory -= bytes;
      },
    });
  }

  return {
    create,
    async fromStream(source) {
      const writer = create();
      try {
        await collect(source, writer);
        return await writer.finish();
      } catch (error) {
        await writer.discard();
        throw error;
      }
    },
    async fromBytes(bytes) {
      const writer = create();
      await writer.append(bytes);
      return writer.finish();
    },
    generated(bytes, seed) {
      // The same file may be sent many times: its hash is computed once.
      const name = `${String(bytes)}/${typeof seed}/${String(seed)}`;
      const known = generated.get(name) ?? generatedBlob(bytes, seed);
      generated.set(name, known);
      return known;
    },
    close: () => directory.close(),
  };
}

/** Sockets give 64 KiB at a time; files are written in larger steps. */
async function collect(source: AsyncIterable<Uint8Array>, writer: BlobWriter): Promise<void> {
  let waiting: Uint8Array[] = [];
  let bytes = 0;
  async function flush(): Promise<void> {
    const [only] = waiting;
    if (only === undefined) return;
    const step = waiting.length === 1 ? only : Buffer.concat(waiting, bytes);
    waiting = [];
    bytes = 0;
    await writer.append(step);
  }
  for await (const part of source) {
    waiting.push(part);
    bytes += part.byteLength;
    if (bytes >= BLOB_STEP_BYTES) await flush();
  }
  await flush();
}
