import type { CallOptions } from '@mft-bridge/http-transport';
import { checkOptionNames } from '@mft-bridge/http-transport';
import { uploadOptionNames } from '../upload/option-names';
import type { UploadNeeds } from '../upload/send-file';
import { settleUpload } from '../upload/settle-upload';
import type { UploadCheckpoint } from '../upload/upload-checkpoint';
import { parseCheckpoint } from '../upload/upload-checkpoint';
import { uploadFile } from '../upload/upload-file';
import { uploadGroup } from '../upload/upload-group';
import type {
  FileToUpload,
  UploadedGroup,
  UploadFileOptions,
  UploadFilesOptions,
  UploadResult,
} from '../upload/upload-options';
import type { UploadSource } from '../upload/upload-source';

/** Whole uploads. User level; administrator level with `impersonateAs`. */
export interface Uploads {
  /**
   * Uploads one file and has it scanned. Five calls, and one more for each further chunk.
   *
   * Chunks are sent in parallel out of a bounded memory that all uploads of this client share; SHA-256 and size are computed on the way.
   * A failed upload aborts its group, so that nothing stays at the server, unless the caller keeps a checkpoint to resume from.
   *
   * @returns the ids, and SHA-256 and size of what was sent. The file is not scanned yet: `files.waitForVerdict(fileId)`.
   * @throws InvalidRequestError before anything is sent; UploadSourceError when the source changed; ApiError, ConnectionError,
   * TimeoutError, AbortedError; the file system's own errors
   * @example
   * const { fileId, sha256 } = await md.uploads.uploadFile('invoice.pdf', { expiresAfterMs: 24 * 3_600_000 });
   * @example
   * // In another process, after a crash: only what was not acknowledged is sent.
   * const resume = parseCheckpoint(JSON.parse(await readFile('upload.json', 'utf8')));
   * await md.uploads.uploadFile('backup.tar', { resume, onCheckpoint });
   */
  uploadFile(source: UploadSource, options?: UploadFileOptions): Promise<UploadResult>;
  /**
   * Uploads several files in one group: all of them become visible, or none does. Two calls, three for each file, and one more for each
   * further chunk. Each file has a verdict of its own: `files.waitForVerdicts`.
   *
   * @throws as {@link Uploads.uploadFile}, for the first file that fails
   * @example
   * const { files } = await md.uploads.uploadFiles([{ source: 'a.pdf' }, { source: data, fileName: 'b.json' }]);
   */
  uploadFiles(files: readonly FileToUpload[], options?: UploadFilesOptions): Promise<UploadedGroup>;
  /** Gives up an upload that could be resumed: `DELETE /transfer`. */
  discard(checkpoint: UploadCheckpoint, options?: CallOptions): Promise<void>;
}

export function createUploads(needs: UploadNeeds): Uploads {
  return {
    uploadFile: async (source, options = {}) => {
      checkOptionNames('uploads.uploadFile', options, uploadOptionNames.one);
      return uploadFile(source, options, needs);
    },
    uploadFiles: async (files, options = {}) => {
      checkOptionNames('uploads.uploadFiles', options, uploadOptionNames.many);
      const settled = settleUpload(files, options, needs.names);
      for (const file of files) checkOptionNames('uploads.uploadFiles', file, uploadOptionNames.listed);
      return uploadGroup(settled, needs);
    },
    discard: async (checkpoint, options) => {
      await needs.transfers.abort({ groupId: parseCheckpoint(checkpoint).groupId }, options);
    },
  };
}
