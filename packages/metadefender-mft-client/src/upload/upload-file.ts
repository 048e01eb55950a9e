import { randomUUID } from 'node:crypto';
import { basename } from 'node:path';
import {
  InvalidRequestError,
  isBadRequestError,
  isMftBridgeError,
  isResponseShapeError,
  ResponseShapeError,
} from '@mft-bridge/http-transport';
import type { TransferFileRef } from '../operations/transfer-file-operations';
import type { Files } from '../resources/files';
import type { TransferFiles } from '../resources/transfer-files';
import type { Transfers } from '../resources/transfers';
import { sameId } from '../verdict/same-id';
import { DEFAULT_CHUNK_BYTES, MAX_CHUNK_BYTES } from './chunk-plan';
import { openSource } from './open-source';
import { createProgressMeter } from './progress';
import { sendChunks } from './send-chunks';
import type { UploadBuffers } from './upload-buffers';
import type { UploadFileOptions, UploadResult } from './upload-options';
import type { UploadSource } from './upload-source';

export interface UploadNeeds {
  readonly transfers: Transfers;
  readonly transferFiles: TransferFiles;
  readonly files: Pick<Files, 'status'>;
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
    await close({ groupId, fileId }, signal, needs);
    await complete(result, options, needs);
    return result;
  } catch (error) {
    if (options.abortOnFailure !== false && mayHaveOpened(error)) await abortGroup(groupId, needs, options);
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

/**
 * A second close is refused by a server that took the first one and whose answer was lost. Then the group is completed all the same: it is
 * the server that knows whether the file is whole, and its size is compared before anybody trusts it.
 */
async function close(
  file: TransferFileRef,
  signal: AbortSignal,
  { transferFiles }: UploadNeeds,
): Promise<void> {
  try {
    await transferFiles.close(file, { signal });
  } catch (error) {
    if (!isBadRequestError(error) || error.attempts === 1) throw error;
  }
}

/** After a lost answer the file's status tells whether the group is complete: completing is not known to be repeatable. */
async function complete(
  { groupId, fileId }: UploadResult,
  options: Settled,
  needs: UploadNeeds,
): Promise<void> {
  const { signal, expiresAfterMs } = options;
  const attempt = async (): Promise<void> => {
    const { files } = await needs.transfers.complete({ groupId, expiresAfter: expiresAfterMs }, { signal });
    if (files.length === 0 || files.some((file) => sameId(file.fileId, fileId))) return;
    throw new ResponseShapeError({
      operation: 'transfers.complete',
      message: 'transfers.complete: the group is complete, but the file that was uploaded is not in it.',
      hint: 'Do not rely on this upload; have the server looked at.',
      status: 200,
      issues: [{ path: 'files', code: 'file_missing' }],
    });
  };
  try {
    await attempt();
  } catch (error) {
    if (
      !isMftBridgeError(error) ||
      error.operation !== 'transfers.complete' ||
      error.outcome !== 'unknown' ||
      signal.aborted
    )
      throw error;
    if (isWrongFile(error)) throw error;
    const before = await stateOf(fileId, signal, needs);
    if (before !== undefined && before !== 'Composing') return;
    try {
      await attempt();
    } catch (again) {
      // A group that is still open would have taken it: the first one did its work.
      const refused = isMftBridgeError(again) && again.outcome === 'rejected' && before !== undefined;
      if (!refused) throw again;
    }
  }
}

const isWrongFile = (error: unknown): boolean =>
  isResponseShapeError(error) && error.issues.some((issue) => issue.code === 'file_missing');

async function stateOf(
  fileId: string,
  signal: AbortSignal,
  { files }: UploadNeeds,
): Promise<string | undefined> {
  try {
    return (await files.status(fileId, { signal })).availabilityState;
  } catch (error) {
    if (isMftBridgeError(error) && error.outcome === 'rejected') return undefined;
    throw error;
  }
}
