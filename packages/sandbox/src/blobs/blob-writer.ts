import { createHash, randomBytes } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { open } from 'node:fs/promises';
import type { Blob, BlobWriter } from './blob';
import type { BlobDirectory } from './blob-directory';
import { fileBlob, memoryBlob } from './stored-blob';
import { applyKeystream } from './keystream';

/** What a writer needs from its store. */
export interface WriterContext {
  readonly directory: BlobDirectory;
  readonly key: Buffer;
  /** Bytes that this content may keep in memory; asks the store's common budget. */
  reserve(bytes: number): boolean;
  release(bytes: number): void;
}

/** One place in memory or in an encrypted file, filled in any order. */
export function createBlobWriter(context: WriterContext): BlobWriter {
  const nonce = randomBytes(8);
  let memory: Buffer = Buffer.alloc(0);
  let file: Promise<{ handle: FileHandle; path: string }> | undefined;
  let size = 0;
  let state: 'open' | 'finished' | 'discarded' = 'open';
  // Taken on the way as long as the bytes come in order; given up (and computed on demand) otherwise.
  let hash: ReturnType<typeof createHash> | undefined = createHash('sha256');
  let hashed = 0;

  function fitsInMemory(end: number): boolean {
    if (file !== undefined) return false;
    if (end <= memory.length) return true;
    // Twice as much as before, so that many small appends copy little; what is just needed, where that is refused.
    const roomy = Math.max(end, memory.length * 2, 1024);
    const wanted = [roomy, end].find((bytes) => context.reserve(bytes - memory.length));
    if (wanted === undefined) return false;
    const grown = Buffer.alloc(wanted);
    memory.copy(grown, 0, 0, size);
    memory = grown;
    return true;
  }

  async function moveToFile(): Promise<{ handle: FileHandle; path: string }> {
    const held = memory.subarray(0, size);
    context.release(memory.length);
    memory = Buffer.alloc(0);
    const path = await context.directory.nextPath();
    const handle = await open(path, 'wx', 0o600);
    if (held.length > 0) await writeFully(handle, applyKeystream({ key: context.key, nonce }, 0, held), 0);
    return { handle, path };
  }

  async function write(offset: number, chunk: Uint8Array): Promise<void> {
    if (state !== 'open')
      throw new Error('This content is already complete: nothing more can be written to it.');
    if (!Number.isSafeInteger(offset) || offset < 0)
      throw new RangeError(`Content cannot be written at position ${String(offset)}.`);
    if (chunk.byteLength === 0) return;
    const end = offset + chunk.byteLength;
    if (offset === hashed) {
      hash?.update(chunk);
      hashed = end;
    } else hash = undefined;
    if (fitsInMemory(end)) {
      memory.set(chunk, offset);
      size = Math.max(size, end);
      return;
    }
    file ??= moveToFile();
    size = Math.max(size, end);
    // The same keystream covers a position that is written twice. That is harmless here: the cipher is there to
    // keep virus scanners of the host from taking test files away, and the key dies with the process.
    const sealed = applyKeystream({ key: context.key, nonce }, offset, chunk);
    await writeFully((await file).handle, sealed, offset);
  }

  return {
    get size() {
      return size;
    },
    write,
    append: (chunk) => write(size, chunk),
    async finish(): Promise<Blob> {
      if (state !== 'open') throw new Error('This content was already finished or discarded.');
      state = 'finished';
      const sha256 = hash !== undefined && hashed === size ? hash.digest('hex') : undefined;
      if (file === undefined) {
        const reserved = memory.length;
        const bytes = Buffer.from(memory.subarray(0, size));
        context.release(reserved - size);
        return memoryBlob(bytes, sha256, () => context.release(size));
      }
      const { handle, path } = await file;
      await handle.close();
      return fileBlob({ path, size, cipher: { key: context.key, nonce } }, sha256);
    },
    async discard() {
      if (state !== 'open') return;
      state = 'discarded';
      context.release(memory.length);
      memory = Buffer.alloc(0);
      if (file === undefined) return;
      const { handle, path } = await file;
      await handle.close();
      await fileBlob({ path, size, cipher: { key: context.key, nonce } }, undefined).dispose();
    },
  };
}

async function writeFully(handle: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}
