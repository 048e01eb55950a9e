import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { open, rm } from 'node:fs/promises';
import type { Blob } from './blob';
import { hashSteps } from './hash-blob';
import { applyKeystream } from './keystream';
import type { StepSource } from './read-steps';
import { checkRange, readSteps } from './read-steps';

const DISPOSED = 'This content was thrown away: it can no longer be read.';

/** Small content, kept as it is. `released` tells the store that its memory is free again. */
export function memoryBlob(bytes: Buffer, sha256: string | undefined, released: () => void): Blob {
  const size = bytes.length;
  let content: Buffer | undefined = bytes;
  let digest = sha256;
  function held(): Buffer {
    if (content === undefined) throw new Error(DISPOSED);
    return content;
  }
  return {
    size,
    sha256: () =>
      Promise.resolve().then(() => (digest ??= createHash('sha256').update(held()).digest('hex'))),
    read(start = 0, end = size) {
      checkRange(start, end, size);
      const source = held();
      return readSteps({ at: (offset, length) => source.subarray(offset, offset + length) }, start, end);
    },
    bytes(start = 0, end = size) {
      return Promise.resolve().then(() => {
        checkRange(start, end, size);
        return Buffer.from(held().subarray(start, end));
      });
    },
    dispose() {
      if (content !== undefined) released();
      content = undefined;
      return Promise.resolve();
    },
  };
}

/** Where encrypted content lies. */
export interface SealedFile {
  readonly path: string;
  readonly size: number;
  readonly cipher: { readonly key: Buffer; readonly nonce: Buffer };
}

/** Content in an encrypted file. It is opened per reader: thousands of blobs must not hold thousands of descriptors. */
export function fileBlob(file: SealedFile, sha256: string | undefined): Blob {
  const { size } = file;
  let disposed = false;
  let digest = sha256 === undefined ? undefined : Promise.resolve(sha256);
  function source(): StepSource {
    let handle: Promise<FileHandle> | undefined;
    return {
      async at(offset, length) {
        if (disposed && handle === undefined) throw new Error(DISPOSED);
        handle ??= open(file.path, 'r');
        const sealed = Buffer.allocUnsafe(length);
        await readFully(await handle, sealed, offset);
        return applyKeystream(file.cipher, offset, sealed);
      },
      async close() {
        // An open that failed was already reported by `at`.
        const opened = await handle?.catch(() => undefined);
        await opened?.close();
      },
    };
  }
  return {
    size,
    sha256: () => (digest ??= hashSteps(source(), size)),
    read(start = 0, end = size) {
      checkRange(start, end, size);
      return readSteps(source(), start, end);
    },
    async bytes(start = 0, end = size) {
      return Buffer.concat((await this.read(start, end).toArray()) as Buffer[]);
    },
    async dispose() {
      disposed = true;
      await rm(file.path, { force: true });
    },
  };
}

async function readFully(handle: FileHandle, into: Buffer, position: number): Promise<void> {
  for (let done = 0; done < into.length;) {
    const { bytesRead } = await handle.read(into, done, into.length - done, position + done);
    if (bytesRead === 0)
      throw new Error(
        'A content file of the sandbox is shorter than it was written: it was changed from outside.',
      );
    done += bytesRead;
  }
}
