import type { OnCheckpoint } from './checkpoint-keeper';
import type { UploadProgress } from './progress';
import type { UploadCheckpoint } from './upload-checkpoint';
import type { UploadSource } from './upload-source';

/** What is said of one file. */
export interface FileOptions {
  /** The name with its extension. Default: the last part of a path; required for any other source. */
  readonly fileName?: string | undefined;
  /** bytes, for a stream factory that does not say itself */
  readonly size?: number | undefined;
  /** target folder, levels joined by a backslash; default: the root folder */
  readonly folder?: string | undefined;
  /** bytes so far; never runs backwards */
  readonly onProgress?: ((progress: UploadProgress) => void) | undefined;
  /** Awaited when the file's id is known and before the first byte is sent; what it throws fails the upload. */
  readonly onFileOpened?: ((fileId: string) => void | Promise<void>) | undefined;
  /**
   * Awaited when all bytes were acknowledged and before the file is closed. What it throws fails the upload, and nothing becomes
   * visible: the place to compare what was really sent with what should have been.
   */
  readonly beforeClose?: ((sent: SentBytes) => void | Promise<void>) | undefined;
}

/** What is said of a group of files as a whole. */
export interface GroupOptions {
  /** a v4 UUID of your own, with or without dashes: keep it, and you can abort the group after a crash */
  readonly groupId?: string | undefined;
  /** `Chunk` (default): in parallel, a chunk whose answer was lost is sent again. `Stream`: in order, nothing is sent again. */
  readonly method?: 'Chunk' | 'Stream' | undefined;
  /** bytes of a chunk, up to 100 MB; default 10 MiB */
  readonly chunkBytes?: number | undefined;
  /** chunks of a file under way at a time, within the client's bound on memory; default 4 */
  readonly parallel?: number | undefined;
  /** Default true: each chunk carries its MD5, which the server checks. Turn it off where MD5 is not available (FIPS). */
  readonly md5?: boolean | undefined;
  /** milliseconds after which the server deletes the files; default: the server's own */
  readonly expiresAfterMs?: number | undefined;
  /** user names or e-mail addresses */
  readonly shareWith?: readonly string[] | undefined;
  /** user name; administrators only */
  readonly impersonateAs?: string | undefined;
  /** @deprecated use `shareWith` */
  readonly recipients?: readonly string[] | undefined;
  /** @deprecated use `impersonateAs` */
  readonly sendAs?: string | undefined;
  /**
   * Default true: a group whose upload failed is aborted, unless `onCheckpoint` was told of it. False: it always stays, and `groupId`
   * is yours to abort.
   */
  readonly abortOnFailure?: boolean | undefined;
  /**
   * Awaited when a file was announced and, one call at a time, after chunks were acknowledged. Store what it is given: with it another
   * process goes on where this one stopped. What it throws fails the upload. Only with method `Chunk`.
   */
  readonly onCheckpoint?: OnCheckpoint | undefined;
  /**
   * The last checkpoint of an upload that did not end. The source is read from its start, only what was not acknowledged is sent. It must
   * be the same source: another one is refused. `shareWith`, `impersonateAs` and `chunkBytes` are those of the first run.
   */
  readonly resume?: UploadCheckpoint | undefined;
  /** told about the group of a failed upload: whether it was aborted, or stays as an orphan */
  readonly onAbandoned?: ((group: AbandonedGroup) => void) | undefined;
  /** Ends the upload; its group is aborted, unless a checkpoint was told. */
  readonly signal?: AbortSignal | undefined;
}

/** Options of an upload of one file. */
export type UploadFileOptions = FileOptions & GroupOptions;

/** One of several files. */
export interface FileToUpload extends FileOptions {
  /** where its bytes come from */
  readonly source: UploadSource;
}

/** Options of an upload of several files in one group. */
export interface UploadFilesOptions extends GroupOptions {
  /** files under way at a time; default 4 */
  readonly parallelFiles?: number | undefined;
}

/** What was sent of a file. */
export interface SentBytes {
  /** bytes */
  readonly size: number;
  /** of all bytes in order, lower-case hex */
  readonly sha256: string;
}

/** A file that was uploaded. It is not scanned yet. */
export interface UploadResult extends SentBytes {
  /** the group that it was uploaded in */
  readonly groupId: string;
  /** for its status, its verdict and its download */
  readonly fileId: string;
  /** the name that was sent; the server may change it (`-Copy(1)`): compare `name` in the status */
  readonly fileName: string;
}

/** Files that were uploaded together. */
export interface UploadedGroup {
  /** the id of the group */
  readonly groupId: string;
  /** in the order in which the files were given */
  readonly files: readonly UploadResult[];
}

/** What became of the group of an upload that failed. */
export interface AbandonedGroup {
  /** to abort it by hand: `transfers.abort` */
  readonly groupId: string;
  /** false: it stays at the server as an orphan */
  readonly aborted: boolean;
  /** why it could not be aborted */
  readonly error?: unknown;
}
