import { basename } from 'node:path';
import { InvalidRequestError } from '@mft-bridge/http-transport';
import { sameId } from '../verdict/same-id';
import { DEFAULT_CHUNK_BYTES, MAX_CHUNK_BYTES } from './chunk-plan';
import type { FileCheckpoint, UploadCheckpoint } from './upload-checkpoint';
import { parseCheckpoint } from './upload-checkpoint';
import type { FileToUpload, UploadFilesOptions } from './upload-options';

const DEFAULT_PARALLEL = 4;

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

/** @throws InvalidRequestError before anything is opened */
export function settleUpload(files: readonly FileToUpload[], options: UploadFilesOptions): SettledUpload {
  const {
    chunkBytes = DEFAULT_CHUNK_BYTES,
    parallel = DEFAULT_PARALLEL,
    parallelFiles = DEFAULT_PARALLEL,
  } = options;
  const { method = 'Chunk', md5 = true, signal = new AbortController().signal } = options;
  if (files.length === 0)
    refuse('There is no file to upload.', 'A group of no files would never be scanned.');
  if (!Number.isSafeInteger(chunkBytes) || chunkBytes < 1 || chunkBytes > MAX_CHUNK_BYTES) {
    refuse(
      `chunkBytes is ${String(chunkBytes)}.`,
      `Pass a whole number of bytes from 1 to ${String(MAX_CHUNK_BYTES)}.`,
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
    files: files.map((file, position) => settleFile(file, position, resume)),
    method,
    chunkBytes,
    parallel: method === 'Stream' ? 1 : parallel,
    parallelFiles,
    md5,
    signal,
    resume: checkedLength(resume, files.length),
  };
}

function settleFile(file: FileToUpload, position: number, resume: UploadCheckpoint | undefined): SettledFile {
  const fileName = file.fileName ?? (typeof file.source === 'string' ? basename(file.source) : undefined);
  if (fileName === undefined)
    return refuse('The file has no name.', 'Pass fileName: only a path has one of its own.');
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
