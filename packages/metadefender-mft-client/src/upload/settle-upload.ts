import { basename } from 'node:path';
import { InvalidRequestError } from '@mft-bridge/http-transport';
import type { FileNameEncoding } from '../names/header-text';
import { sameId } from '../verdict/same-id';
import { checkFile } from './check-file';
import { DEFAULT_CHUNK_BYTES, MAX_CHUNK_BYTES } from './chunk-plan';
import type { FileCheckpoint, UploadCheckpoint } from './upload-checkpoint';
import { parseCheckpoint } from './upload-checkpoint';
import type { FileToUpload, UploadFilesOptions } from './upload-options';

const DEFAULT_PARALLEL = 4;
/** The longest span that the server takes: 10,675,199 days. */
const MAX_EXPIRY_MS = 922_337_203_600_000;

export interface SettledFile extends FileToUpload {
  readonly position: number;
  readonly fileName: string;
  /** how far an earlier run came */
  readonly before: FileCheckpoint | undefined;
}

/** An upload that can be tried: everything is checked that no operation would check. */
export interface SettledUpload extends Omit<UploadFilesOptions, 'resume'> {
  readonly files: readonly SettledFile[];
  readonly method: 'Chunk' | 'Stream';
  readonly chunkBytes: number;
  readonly parallel: number;
  readonly parallelFiles: number;
  readonly md5: boolean;
  readonly signal: AbortSignal;
  readonly resume: UploadCheckpoint | undefined;
}

/**
 * @param names how names travel in headers
 * @throws InvalidRequestError before anything is opened
 */
export function settleUpload(
  files: readonly FileToUpload[],
  options: UploadFilesOptions,
  names: FileNameEncoding,
): SettledUpload {
  const {
    chunkBytes = DEFAULT_CHUNK_BYTES,
    parallel = DEFAULT_PARALLEL,
    parallelFiles = DEFAULT_PARALLEL,
  } = options;
  const { method = 'Chunk', md5 = true, signal = new AbortController().signal } = options;
  if (!isList(files))
    refuse('The files are no list.', 'Pass [{ source, fileName }], or use uploadFile for one.');
  if (files.length === 0)
    refuse('There is no file to upload.', 'A group of no files would never be scanned.');
  if (!Number.isSafeInteger(chunkBytes) || chunkBytes < 1 || chunkBytes > MAX_CHUNK_BYTES) {
    refuse(
      `chunkBytes is ${String(chunkBytes)}.`,
      `Pass a whole number of bytes from 1 to ${String(MAX_CHUNK_BYTES)}.`,
    );
  }
  const { expiresAfterMs } = options;
  if (expiresAfterMs !== undefined && !(expiresAfterMs > 0 && expiresAfterMs <= MAX_EXPIRY_MS)) {
    refuse(
      `expiresAfterMs is ${String(expiresAfterMs)}.`,
      'Pass milliseconds above 0 and up to 10,675,199 days, or leave it out for the default of the server.',
    );
  }
  whole('parallel', parallel);
  whole('parallelFiles', parallelFiles);
  if (method === 'Stream' && (options.onCheckpoint !== undefined || options.resume !== undefined)) {
    refuse(
      'An upload by method Stream cannot be resumed.',
      'Use method Chunk, or leave out onCheckpoint and resume.',
    );
  }
  const resume = options.resume === undefined ? undefined : parseCheckpoint(options.resume);
  const { groupId } = options;
  if (resume !== undefined && groupId !== undefined && !sameId(groupId, resume.groupId))
    refuse('groupId is not that of the checkpoint.', 'Leave groupId out: the checkpoint holds it.');
  return {
    ...options,
    files: files.map((file, position) => settleFile(file, position, resume, names)),
    method,
    chunkBytes,
    parallel: method === 'Stream' ? 1 : parallel,
    parallelFiles,
    md5,
    signal,
    resume: checkedLength(resume, files.length),
  };
}

const isList = (files: unknown): boolean => Array.isArray(files);

function settleFile(
  file: FileToUpload,
  position: number,
  resume: UploadCheckpoint | undefined,
  names: FileNameEncoding,
): SettledFile {
  const fileName = file.fileName ?? (typeof file.source === 'string' ? basename(file.source) : undefined);
  if (fileName === undefined)
    return refuse('The file has no name.', 'Pass fileName: only a path has one of its own.');
  checkFile({ ...file, fileName }, names);
  const before = resume?.files.find((one) => one.position === position);
  if (before !== undefined && (before.fileName !== fileName || before.folder !== file.folder)) {
    refuse(
      'The checkpoint is about another file name or folder.',
      'Pass the same files in the same order, with the same names and folders.',
    );
  }
  return { ...file, fileName, position, before };
}

function checkedLength(resume: UploadCheckpoint | undefined, files: number): UploadCheckpoint | undefined {
  if (resume?.files.some(({ position }) => position >= files) === true)
    refuse('The checkpoint is about more files.', 'Pass the same files in the same order.');
  return resume;
}

function whole(name: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 1)
    refuse(`${name} is ${String(value)}.`, 'Pass a whole number, at least 1.');
}

function refuse(message: string, hint: string): never {
  throw new InvalidRequestError({ operation: 'uploads.uploadFile', message, hint });
}
