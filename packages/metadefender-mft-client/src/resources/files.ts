import type { CallOptions, Download, Transport } from '@mft-bridge/http-transport';
import { checkOptionNames, ResponseShapeError } from '@mft-bridge/http-transport';
import type { DownloadedFile } from '../download/download-cleared';
import { downloadCleared } from '../download/download-cleared';
import type { ListFilesInput, MoveFilesInput, StartedArchive } from '../operations/file-operations';
import * as operations from '../operations/file-operations';
import type { BulkItem, BulkResult } from '../schemas/bulk-result';
import type { FileStatus } from '../schemas/file-status';
import type { FileSummary } from '../schemas/file-summary';
import type { ListPage } from '../schemas/list-page';
import { sameId } from '../verdict/same-id';
import type { Verdict } from '../verdict/verdict';
import type { WaitNeeds } from '../verdict/wait-for-verdict';
import type { WaitOptions } from '../verdict/wait-options';
import { waitOptionNames } from '../verdict/wait-option-names';
import { waitForVerdict } from '../verdict/wait-for-verdict';
import type { AwaitedFile, VerdictsResult, WaitManyOptions } from '../verdict/wait-for-verdicts';
import { waitForVerdicts } from '../verdict/wait-for-verdicts';
import type { Paged } from './paged';
import { paged } from './paged';

const PAGE = 100;

/** Options of a download. */
export interface DownloadOptions extends CallOptions {
  /** Default true: nobody gets an e-mail about this download. */
  readonly skipNotify?: boolean | undefined;
}

/** As {@link ListFilesInput}, where all but the type has a default. */
export type ListFilesWindow = Pick<ListFilesInput, 'type'> & Partial<Omit<ListFilesInput, 'type'>>;

/** Files that were uploaded. */
export interface Files {
  /**
   * What the server knows of a file: `GET /file/status/{fileId}`. User level: a file that the caller may see. Whether it is safe to pass on is not in any one field: `evaluateVerdict`.
   *
   * @throws NotFoundError, which after an upload can also mean "blocked and deleted"; ResponseShapeError when the answer speaks of another file
   */
  status(fileId: string, options?: CallOptions): Promise<FileStatus>;
  /**
   * Waits until a file is decided. Polls with growing pauses, survives failures that pass, and ends by itself.
   *
   * @returns the verdict; `pending` with reason `deadline-passed` when time was up
   * @example
   * const verdict = await md.files.waitForVerdict(fileId, { timeoutMs: 5 * 60_000 });
   */
  waitForVerdict(fileId: string, options?: WaitOptions): Promise<Verdict>;
  /**
   * Waits for many files at once, within one budget of requests: `perSecond` for all of them together. A `Retry-After` to one stops all.
   * With n files each is looked at about every `n / perSecond` seconds, if that is longer than its own interval.
   *
   * @param files ids, or ids with what is expected of each; given twice counts once
   * @returns a verdict or a failure for each: one file that fails never throws the others away
   * @throws AbortedError when the signal is aborted; what was decided until then was told to `onVerdict`
   * @example
   * const { verdicts, failed } = await md.files.waitForVerdicts(fileIds, { perSecond: 20 });
   */
  waitForVerdicts(files: Iterable<string | AwaitedFile>, options?: WaitManyOptions): Promise<VerdictsResult>;
  /**
   * The bytes that the server stores: `GET /file/{fileId}`. User level. For a sanitized file these are the sanitized ones. It proves nothing:
   * see {@link Files.downloadCleared}. Read the body to its end or destroy it.
   */
  download(fileId: string, options?: DownloadOptions): Promise<Download>;
  /**
   * Writes the bytes that a verdict is about to a file, which appears only when all is proved: the status is looked at before and
   * after the download and must clear the same bytes both times, and their number must be the status's.
   *
   * @param path replaced if it exists
   * @throws NotClearedError, and nothing is left at `path`
   */
  downloadCleared(verdict: Verdict, path: string, options?: CallOptions): Promise<DownloadedFile>;
  /** What a public link leads to: `GET /public/{publicId}`. Open to everybody: no key is sent. */
  downloadPublic(publicId: string, options?: CallOptions): Promise<Download>;
  /** One page of files: `GET /files/{type}/{start}/{count}`. User level; older releases keep type `all` to compliance officers. Defaults: start 0, count 100. */
  list(input: ListFilesWindow, options?: CallOptions): Promise<ListPage<FileSummary>>;
  /** All files, page by page as they are read. */
  iterate(input: Omit<ListFilesWindow, 'start'>, options?: CallOptions): Paged<FileSummary>;
  /** The caller's own files of exactly this name. */
  findByName(name: string, options?: CallOptions): Promise<readonly FileSummary[]>;
  /** `DELETE /file/{fileId}`: marks the file, a worker of the server deletes it later. User level for one's own, administrator level for others'. */
  delete(fileId: string, options?: CallOptions): Promise<void>;
  /** `DELETE /files`. User level for one's own, administrator level for others'. Resolves even if every single one failed: look at `failed`. */
  deleteMany(fileIds: readonly string[], options?: CallOptions): Promise<BulkResult>;
  /** `PUT /rename_file`. User level. An unknown file is a BadRequestError with key `API_FILE_NOT_FOUND`, not a 404. */
  rename(input: { readonly fileId: string; readonly newName: string }, options?: CallOptions): Promise<void>;
  /** `PUT /move_files`. User level. Resolves with the failures that the server listed, which may be none. Known from pages of 2020 only. */
  move(input: MoveFilesInput, options?: CallOptions): Promise<readonly BulkItem[]>;
  /** `POST /create_archive_download`. User level. Starts an archive. How to watch and fetch it is not documented. Known from pages of 2021 only. */
  startArchive(
    input: { readonly fileIds?: readonly string[]; readonly folderIds?: readonly string[] },
    options?: CallOptions,
  ): Promise<StartedArchive>;
}

export function createFiles(transport: Transport, clock: Omit<WaitNeeds, 'look'>): Files {
  const status: Files['status'] = async (fileId, options) => {
    const found = await transport.call(operations.getFileStatus, { fileId }, options);
    if (sameId(found.fileId, fileId)) return found;
    throw new ResponseShapeError({
      operation: 'files.status',
      message: 'files.status: the answer speaks of another file than was asked for.',
      hint: 'A cache or proxy in between may mix up answers.',
      status: 200,
      issues: [{ path: 'file_id', code: 'other_file' }],
    });
  };
  const download: Files['download'] = (fileId, { skipNotify, ...options } = {}) =>
    transport.download(operations.downloadFile, { fileId, skipNotify }, options);
  const list: Files['list'] = (input, options) =>
    transport.call(operations.listFiles, { start: 0, count: PAGE, ...input }, options);
  const iterate: Files['iterate'] = (input, options) =>
    paged(
      input.count ?? PAGE,
      ({ fileId }) => fileId,
      (window) => list({ ...input, ...window }, options),
    );

  return {
    status,
    waitForVerdict: async (fileId, options = {}) => {
      checkOptionNames('files.waitForVerdict', options, waitOptionNames.one);
      return waitForVerdict(fileId, options, { ...clock, look: status });
    },
    waitForVerdicts: async (ids, options = {}) => {
      checkOptionNames('files.waitForVerdicts', options, waitOptionNames.many);
      return waitForVerdicts(ids, options, { ...clock, status });
    },
    download,
    downloadCleared: (verdict, path, options = {}) =>
      downloadCleared(verdict, path, options, { status, download }),
    downloadPublic: (publicId, options) =>
      transport.download(operations.downloadPublicFile, { publicId }, options),
    list,
    iterate,
    findByName: async (name, options) => {
      const found: FileSummary[] = [];
      for await (const file of iterate({ type: 'my', find: name }, options))
        if (file.name === name) found.push(file);
      return found;
    },
    delete: async (fileId, options) => {
      await transport.call(operations.deleteFile, { fileId }, options);
    },
    deleteMany: (fileIds, options) => transport.call(operations.deleteFiles, { fileIds }, options),
    rename: async (input, options) => {
      await transport.call(operations.renameFile, input, options);
    },
    move: (input, options) => transport.call(operations.moveFiles, input, options),
    startArchive: (input, options) => transport.call(operations.startArchive, input, options),
  };
}
