import { InvalidRequestError } from '@mft-bridge/http-transport';
import { UploadSourceError } from '../errors/upload-source-error';
import type { CheckpointKeeper } from './checkpoint-keeper';
import type { FileNameEncoding } from '../names/header-text';
import type { FinishNeeds } from './finish-upload';
import { closeFile } from './finish-upload';
import { openSource } from './open-source';
import { createProgressMeter } from './progress';
import { sendChunks } from './send-chunks';
import type { SettledFile, SettledUpload } from './settle-upload';
import type { UploadBuffers } from './upload-buffers';
import type { UploadResult } from './upload-options';
import type { OpenedSource, UploadSource } from './upload-source';

export interface UploadNeeds extends FinishNeeds {
  readonly buffers: UploadBuffers;
  /** how names travel in headers */
  readonly names: FileNameEncoding;
}

export interface SendFileContext {
  readonly upload: SettledUpload;
  readonly keeper: CheckpointKeeper;
  /** Opens the group, once for all files. Called when the first source was opened: a missing file leaves no group behind. */
  readonly group: () => Promise<string>;
  /** the group was complete before this run: nothing is sent any more */
  readonly visible: boolean;
  readonly needs: UploadNeeds;
}

/** Sends one file into its group, up to and with its close. */
export async function sendFile(
  file: SettledFile,
  signal: AbortSignal,
  context: SendFileContext,
): Promise<UploadResult> {
  const { upload, needs } = context;
  const chunkBytes = file.before?.chunkBytes ?? upload.chunkBytes;
  const opened = await openSource(withSize(file.source, file.size), {
    buffers: needs.buffers,
    chunkBytes,
    signal,
  });
  try {
    checkSize(file, opened);
    const groupId = await context.group();
    const fileId = await announce(file, groupId, opened.size, signal, context);
    const { position, fileName, folder } = file;
    const keeper = await context.keeper.begin(
      {
        position,
        fileId,
        fileName,
        ...(folder === undefined ? {} : { folder }),
        size: opened.size,
        chunkBytes,
      },
      file.before,
    );
    await file.onFileOpened?.(fileId);
    const sha256 = await sendChunks(opened, {
      chunkBytes,
      parallel: upload.parallel,
      md5: upload.md5,
      signal,
      progress: createProgressMeter(opened.size, file.onProgress),
      keeper,
      send: ({ data, offset, md5 = false, onSent }, stop) =>
        needs.transferFiles.chunk(
          { groupId, fileId, data, md5, ...(upload.method === 'Stream' ? {} : { offset }) },
          { signal: stop, onSent },
        ),
    });
    await file.beforeClose?.({ size: opened.size, sha256 });
    if (!context.visible && file.before?.closed !== true) {
      await closeFile({ groupId, fileId }, { signal, mayBeClosed: file.before !== undefined }, needs);
      await keeper.closed();
    }
    return { groupId, fileId, fileName, size: opened.size, sha256 };
  } finally {
    await opened.close();
  }
}

async function announce(
  file: SettledFile,
  groupId: string,
  fileSize: number,
  signal: AbortSignal,
  { upload: { method }, needs }: SendFileContext,
): Promise<string> {
  if (file.before !== undefined) return file.before.fileId;
  const { fileName, folder: path } = file;
  const { fileId } = await needs.transferFiles.open(
    { groupId, fileName, fileSize, method, path },
    { signal },
  );
  return fileId;
}

function checkSize({ size, before }: SettledFile, opened: OpenedSource): void {
  if (size !== undefined && size !== opened.size) {
    throw new InvalidRequestError({
      operation: 'uploads.uploadFile',
      message: `The source has ${String(opened.size)} bytes, the option size says ${String(size)}.`,
      hint: 'Leave size out for paths, Buffers and Blobs.',
    });
  }
  if (before !== undefined && before.size !== opened.size) {
    throw new UploadSourceError(
      `The source has ${String(opened.size)} bytes; it had ${String(before.size)} when its upload began.`,
    );
  }
}

const withSize = (source: UploadSource, size: number | undefined): UploadSource =>
  typeof source === 'object' && 'open' in source && source.size === undefined && size !== undefined
    ? { open: () => source.open(), size }
    : source;
