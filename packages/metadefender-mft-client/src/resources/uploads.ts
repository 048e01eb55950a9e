import { uploadFile } from '../upload/upload-file';
import type { UploadNeeds } from '../upload/upload-file';
import type { UploadFileOptions, UploadResult } from '../upload/upload-options';
import type { UploadSource } from '../upload/upload-source';

/** Whole uploads. */
export interface Uploads {
  /**
   * Uploads one file and has it scanned. Five calls, and one more for each further chunk.
   *
   * Chunks are sent in parallel out of a bounded memory that all uploads of this client share; SHA-256 and size are computed on the way.
   * A failed upload aborts its group, so that nothing stays at the server.
   *
   * @returns the ids, and SHA-256 and size of what was sent. The file is not scanned yet: `files.waitForVerdict(fileId)`.
   * @throws InvalidRequestError before anything is sent; UploadSourceError when the source changed; ApiError, ConnectionError,
   * TimeoutError, AbortedError; the file system's own errors
   * @example
   * const { fileId, sha256 } = await md.uploads.uploadFile('invoice.pdf', { expiresAfterMs: 24 * 3_600_000 });
   */
  uploadFile(source: UploadSource, options?: UploadFileOptions): Promise<UploadResult>;
}

export function createUploads(needs: UploadNeeds): Uploads {
  return { uploadFile: (source, options = {}) => uploadFile(source, options, needs) };
}
