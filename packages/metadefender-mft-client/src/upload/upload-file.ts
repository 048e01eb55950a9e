import { randomUUID } from 'node:crypto';
import { basename } from 'node:path';
import { AbortedError, InvalidRequestError, isMftBridgeError } from '@mft-bridge/http-transport';
import { DEFAULT_CHUNK_BYTES, MAX_CHUNK_BYTES } from './chunk-plan';
import type { FinishNeeds } from './finish-upload';
import { finishUpload } from './finish-upload';
import { openSource } from './open-source';
import { createProgressMeter } from './progress';
import { sendChunks } from './send-chunks';
import type { UploadBuffers } from './upload-buffers';
import type { UploadFileOptions, UploadResult } from './upload-options';
import type { UploadSource } from './upload-source';

export interface UploadNeeds extends FinishNeeds {
  readonly buffers: UploadBuffers;
}

const DEFAULT_PARALLEL = 4;
/** A clean-up must not hold up the error that it follows. */
const CLEAN_UP = { maxAttempts: 2, clocks: { totalMs: 15_000 } };

/** Uploads one file in a group of its own: open, announce, send, close, complete. See `Uploads.uploadFile`. */
export async function uploadFile(
  source: UploadSource,
  options: UploadFileOptions,
  needs: UploadNeeds,
): Promise<UploadResult> {
  const settled = settle(source, options);
  try {
    return await uploadOnce(source, settled, needs);
  } catch (error) {
    // The announcement is the one step that cannot be repeated. Its group is aborted by now, and if the id was ours to choose, a new
    // group is as good.
    const lost =
      isMftBridgeError(error) && error.operation === 'transferFiles.open' && error.outcome === 'unknown';
    if (!lost || options.groupId !== undefined || options.abortOnFailure === false || settled.signal.aborted)
      throw error;
    return uploadOnce(source, settled, needs);
  }
}

type Settled = UploadFileOptions & {
  readonly fileName: string;
  readonly chunkBytes: number;
  readonly parallel: number;
  readonly signal: AbortSignal;
};

/** Checks what no operation would: nothing is opened for a call that cannot work. */
function settle(source: UploadSource, options: UploadFileOptions): Settled {
  const refuse = (message: string, hint: string): never => {
    throw new InvalidRequestError({ operation: 'uploads.uploadFile', message, hint });
  };
  const {
    chunkBytes = DEFAULT_CHUNK_BYTES,
    parallel = DEFAULT_PARALLEL,
    signal = new AbortController().signal,
  } = options;
  const fileName = options.fileName ?? (typeof source === 'string' ? basename(source) : undefined);
  if (fileName === undefined)
    return refuse('The file has no name.', 'Pass fileName: only a path has one of its own.');
  if (!Number.isSafeInteger(chunkBytes) || chunkBytes < 1 || chunkBytes > MAX_CHUNK_BYTES) {
    return refuse(
      `chunkBytes is ${String(chunkBytes)}.`,
      `Pass a whole number of bytes from 1 to ${String(MAX_CHUNK_BYTES)}.`,
    );
  }
  if (!Number.isSafeInteger(parallel) || parallel < 1) {
    return refuse(`parallel is ${String(parallel)}.`, 'Pass a whole number of chunks, at least 1.');
  }
  return { ...options, fileName, chunkBytes, parallel: options.method === 'Stream' ? 1 : parallel, signal };
}

async function uploadOnce(source: UploadSource, options: Settled, needs: UploadNeeds): Promise<UploadResult> {
  const { signal, chunkBytes } = options;
  const opened = await openSource(withSize(source, options.size), {
    buffers: needs.buffers,
    chunkBytes,
    signal,
  });
  let tried = false;
  let groupId = options.groupId ?? randomUUID().replaceAll('-', '');
  try {
    if (options.size !== undefined && options.size !== opened.size) {
      throw new InvalidRequestError({
        operation: 'uploads.uploadFile',
        message: `The source has ${String(opened.size)} bytes, the option size says ${String(options.size)}.`,
        hint: 'Leave size out for paths, Buffers and Blobs.',
      });
    }
    const { shareWith, impersonateAs } = options;
    tried = true;
    ({ groupId } = await needs.transfers.open({ groupId, shareWith, impersonateAs }, { signal }));
    const { fileId } = await needs.transferFiles.open(
      {
        groupId,
        fileName: options.fileName,
        fileSize: opened.size,
        method: options.method ?? 'Chunk',
        path: options.folder,
      },
      { signal },
    );
    await options.onFileOpened?.(fileId);
    const sha256 = await sendChunks(opened, {
      chunkBytes,
      parallel: options.parallel,
      md5: options.md5 ?? true,
      signal,
      progress: createProgressMeter(opened.size, options.onProgress),
      send: ({ data, offset, md5 = false, onSent }, stop) =>
        needs.transferFiles.chunk(
          { groupId, fileId, data, md5, ...(options.method === 'Stream' ? {} : { offset }) },
          { signal: stop, onSent },
        ),
    });
    const result: UploadResult = { groupId, fileId, fileName: options.fileName, size: opened.size, sha256 };
    await options.beforeClose?.({ size: result.size, sha256 });
    await finishUpload(result, { signal, expiresAfterMs: options.expiresAfterMs }, needs);
    return result;
  } catch (error) {
    if (tried && options.abortOnFailure !== false && mayHaveOpened(error))
      await abortGroup(groupId, needs, options);
    if (signal.aborted && error === signal.reason) throw uploadAborted();
    throw error;
  } finally {
    await opened.close();
  }
}

const withSize = (source: UploadSource, size: number | undefined): UploadSource =>
  typeof source === 'object' && 'open' in source && source.size === undefined && size !== undefined
    ? { open: () => source.open(), size }
    : source;

/** Where the very first call provably did nothing, there is no group to abort. */
const mayHaveOpened = (error: unknown): boolean =>
  !(isMftBridgeError(error) && error.operation === 'transfers.open' && error.outcome !== 'unknown');

async function abortGroup(groupId: string, needs: UploadNeeds, { onAbandoned }: Settled): Promise<void> {
  try {
    await needs.transfers.abort({ groupId }, CLEAN_UP);
    onAbandoned?.({ groupId, aborted: true });
  } catch (error) {
    // The error of the upload matters more; the caller learns of the orphan here.
    onAbandoned?.({ groupId, aborted: false, error });
  }
}

/** Waiting for memory or for the source ends with whatever the caller gave to `abort()`; one class is easier to catch. */
const uploadAborted = (): AbortedError =>
  new AbortedError({
    operation: 'uploads.uploadFile',
    message: 'The upload was aborted; the file was not closed, so nothing became visible.',
    outcome: 'rejected',
    attempts: 0,
  });
