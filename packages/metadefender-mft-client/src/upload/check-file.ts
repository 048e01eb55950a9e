import { InvalidRequestError } from '@mft-bridge/http-transport';
import type { FileNameEncoding } from '../names/header-text';
import { headerTextProblem } from '../names/header-text';
import type { UploadSource } from './upload-source';

const MAX_NAME = 255;

interface FileToCheck {
  readonly source: UploadSource;
  readonly fileName: string;
  readonly folder?: string | undefined;
  readonly size?: number | undefined;
}

/**
 * Finds what would fail only after the group was opened, or after the last byte: a group that was opened for nothing has to be aborted,
 * and hours of sending are not given back.
 *
 * @throws InvalidRequestError
 */
export function checkFile({ source, fileName, folder, size }: FileToCheck, names: FileNameEncoding): void {
  if (!isSource(source))
    refuse(
      'The source is none that can be read from its start.',
      'Pass a path, a Buffer, Uint8Array or Blob, or { open: () => stream, size }: a stream that is open already cannot be read twice.',
    );
  if (typeof fileName !== 'string' || fileName === '' || fileName.length > MAX_NAME)
    refuse('The file name must have 1 to 255 characters.', 'Pass another fileName.');
  const problem =
    headerTextProblem(fileName, names, 'file name') ??
    (folder === undefined ? undefined : headerTextProblem(folder, names, 'folder'));
  if (problem !== undefined) refuse(problem, 'Nothing was sent.');
  for (const bytes of [size, sizeOf(source)])
    if (bytes !== undefined && (!Number.isSafeInteger(bytes) || bytes < 0))
      refuse(`size is ${String(bytes)}.`, 'Pass a whole number of bytes, or leave it out.');
}

/** From JavaScript anything may come: an open stream, a file URL, nothing at all. */
function isSource(source: unknown): boolean {
  if (typeof source === 'string') return source !== '';
  if (typeof source !== 'object' || source === null) return false;
  return (
    source instanceof Uint8Array ||
    source instanceof Blob ||
    typeof (source as { open?: unknown }).open === 'function'
  );
}

const sizeOf = (source: UploadSource): number | undefined =>
  typeof source === 'object' && 'open' in source ? source.size : undefined;

function refuse(message: string, hint: string): never {
  throw new InvalidRequestError({ operation: 'uploads.uploadFile', message, hint });
}
