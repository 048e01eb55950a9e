import type { UploadProgress } from './progress';

export interface UploadFileOptions {
  /** The name with its extension. Default: the last part of a path; required for any other source. */
  readonly fileName?: string | undefined;
  /** bytes, for a stream factory that does not say itself */
  readonly size?: number | undefined;
  /** a v4 UUID of your own, with or without dashes: keep it, and you can abort the group after a crash */
  readonly groupId?: string | undefined;
  /** `Chunk` (default): in parallel, a chunk whose answer was lost is sent again. `Stream`: in order, nothing is sent again. */
  readonly method?: 'Chunk' | 'Stream' | undefined;
  /** bytes of a chunk, up to 100 MB; default 10 MiB */
  readonly chunkBytes?: number | undefined;
  /** chunks under way at a time, within the client's bound on memory; default 4 */
  readonly parallel?: number | undefined;
  /** Default true: each chunk carries its MD5, which the server checks. Turn it off where MD5 is not available (FIPS). */
  readonly md5?: boolean | undefined;
  /** target folder, levels joined by a backslash; default: the root folder */
  readonly folder?: string | undefined;
  /** milliseconds after which the server deletes the file; default: the server's own */
  readonly expiresAfterMs?: number | undefined;
  /** user names or e-mail addresses */
  readonly shareWith?: readonly string[] | undefined;
  /** user name; administrators only */
  readonly impersonateAs?: string | undefined;
  /** Default true: a group whose upload failed is aborted. False: it stays, and `groupId` is yours to abort. */
  readonly abortOnFailure?: boolean | undefined;
  /** bytes so far; never runs backwards */
  readonly onProgress?: ((progress: UploadProgress) => void) | undefined;
  /** Awaited when the file's id is known and before the first byte is sent; what it throws fails the upload. */
  readonly onFileOpened?: ((fileId: string) => void | Promise<void>) | undefined;
  /**
   * Awaited when all bytes were acknowledged and before the file is closed. What it throws fails the upload, and nothing becomes
   * visible: the place to compare what was really sent with what should have been.
   */
  readonly beforeClose?: ((sent: SentBytes) => void | Promise<void>) | undefined;
  /** told about the group of a failed upload: whether it was aborted, or stays as an orphan */
  readonly onAbandoned?: ((group: AbandonedGroup) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface SentBytes {
  /** bytes */
  readonly size: number;
  /** of all bytes in order, lower-case hex */
  readonly sha256: string;
}

export interface UploadResult extends SentBytes {
  readonly groupId: string;
  readonly fileId: string;
  /** the name that was sent; the server may change it (`-Copy(1)`): compare `name` in the status */
  readonly fileName: string;
}

export interface AbandonedGroup {
  readonly groupId: string;
  readonly aborted: boolean;
  /** why it could not be aborted */
  readonly error?: unknown;
}
