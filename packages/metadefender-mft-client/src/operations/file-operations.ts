import type { Operation } from '@mft-bridge/http-transport';
import { z } from 'zod';
import type { BulkItem, BulkResult } from '../schemas/bulk-result';
import { bulkResult, failuresOnly } from '../schemas/bulk-result';
import type { FileStatus } from '../schemas/file-status';
import { fileStatus } from '../schemas/file-status';
import type { FileSummary } from '../schemas/file-summary';
import { fileSummary } from '../schemas/file-summary';
import { findHeaders, idInput, sortDirection, windowInput } from '../schemas/inputs';
import type { ListPage } from '../schemas/list-page';
import { listPage } from '../schemas/list-page';
import { id, tolerant } from '../schemas/tolerant';

/** Which files to list. */
export interface ListFilesInput {
  /** `my`: the caller's own. `all`: all that the caller may see; older releases want compliance-officer rights for it. */
  readonly type: 'my' | 'all';
  /** zero-based */
  readonly start: number;
  /** 1 to 1000 */
  readonly count: number;
  /** free text; what it is compared with is the server's affair */
  readonly find?: string | undefined;
  /** what to sort by; default: the server's own order */
  readonly sortColumn?: 'expires' | 'name' | 'size' | undefined;
  /** ascending or descending */
  readonly sortDirection?: 'asc' | 'desc' | undefined;
  /** only files in one of these availability states */
  readonly availabilityStates?: readonly string[] | undefined;
}

export interface DownloadFileInput {
  readonly fileId: string;
  /** Default true: the server sends nobody an e-mail about this download. */
  readonly skipNotify?: boolean | undefined;
}

/** Files to move, and where to. */
export interface MoveFilesInput {
  /** the name travels with each id; what the server uses it for is not documented */
  readonly files: readonly { readonly fileId: string; readonly name: string }[];
  /** a folder's path, not its id; levels joined by a backslash */
  readonly newPath: string;
}

/** An archive that the server began to make. */
export interface StartedArchive {
  /** the key of the calls that watch and fetch it, whose paths are not known */
  readonly archiveId: string;
  /** files in it, those inside of folders counted */
  readonly totalFileCount?: number | undefined;
}

const one = z.strictObject({ fileId: idInput });

export const listFiles: Operation<ListFilesInput, ListPage<FileSummary>> = {
  name: 'files.list',
  method: 'GET',
  path: '/files/{type}/{start}/{count}',
  safety: 'safe',
  access: 'user',
  input: z.strictObject({
    type: z.enum(['my', 'all']),
    ...windowInput,
    find: z.string().min(1).optional(),
    sortColumn: z.enum(['expires', 'name', 'size']).optional(),
    sortDirection: sortDirection.optional(),
    availabilityStates: z.array(z.string().regex(/^\w+$/)).optional(),
  }),
  encode: ({ type, start, count, find, ...rest }) => ({
    params: { type, start, count },
    headers: {
      ...findHeaders(find),
      sort_column: rest.sortColumn,
      sort_direction: rest.sortDirection,
      AvailabilityState: rest.availabilityStates?.join(','),
    },
  }),
  output: listPage(fileSummary),
};

export const getFileStatus: Operation<{ readonly fileId: string }, FileStatus> = {
  name: 'files.status',
  method: 'GET',
  path: '/file/status/{fileId}',
  safety: 'safe',
  access: 'user',
  input: one,
  encode: ({ fileId }) => ({ params: { fileId } }),
  output: fileStatus,
};

export const downloadFile: Operation<DownloadFileInput, unknown> = {
  name: 'files.download',
  method: 'GET',
  path: '/file/{fileId}',
  safety: 'safe',
  access: 'user',
  input: z.strictObject({ fileId: idInput, skipNotify: z.boolean().optional() }),
  encode: ({ fileId, skipNotify = true }) => ({
    params: { fileId },
    headers: { skip_notify: skipNotify ? 1 : 0 },
  }),
};

export const downloadPublicFile: Operation<{ readonly publicId: string }, unknown> = {
  name: 'files.downloadPublic',
  method: 'GET',
  path: '/public/{publicId}',
  safety: 'safe',
  auth: 'none',
  input: z.strictObject({ publicId: idInput }),
  encode: ({ publicId }) => ({ params: { publicId } }),
};

export const deleteFile: Operation<{ readonly fileId: string }, unknown> = {
  name: 'files.delete',
  method: 'DELETE',
  path: '/file/{fileId}',
  safety: 'idempotent',
  access: 'user',
  input: one,
  encode: ({ fileId }) => ({ params: { fileId } }),
};

export const deleteFiles: Operation<{ readonly fileIds: readonly string[] }, BulkResult> = {
  name: 'files.deleteMany',
  method: 'DELETE',
  path: '/files',
  safety: 'idempotent',
  access: 'user',
  input: z.strictObject({ fileIds: z.array(idInput).min(1) }),
  encode: ({ fileIds }) => ({ body: { json: fileIds } }),
  output: bulkResult,
};

export const renameFile: Operation<{ readonly fileId: string; readonly newName: string }, unknown> = {
  name: 'files.rename',
  method: 'PUT',
  path: '/rename_file',
  safety: 'idempotent',
  access: 'user',
  input: z.strictObject({ fileId: idInput, newName: z.string().min(1).max(255) }),
  encode: ({ fileId, newName }) => ({ body: { json: { file_id: fileId, new_file_name: newName } } }),
};

export const moveFiles: Operation<MoveFilesInput, readonly BulkItem[]> = {
  name: 'files.move',
  method: 'PUT',
  path: '/move_files',
  safety: 'idempotent',
  access: 'user',
  input: z.strictObject({
    files: z.array(z.strictObject({ fileId: idInput, name: z.string().min(1) })).min(1),
    newPath: z.string(),
  }),
  encode: ({ files, newPath }) => ({
    body: {
      json: { files: files.map(({ fileId, name }) => ({ file_id: fileId, name })), new_path: newPath },
    },
  }),
  output: failuresOnly,
};

export const startArchive: Operation<
  { readonly fileIds?: readonly string[] | undefined; readonly folderIds?: readonly string[] | undefined },
  StartedArchive
> = {
  name: 'files.startArchive',
  method: 'POST',
  path: '/create_archive_download',
  safety: 'unsafe',
  access: 'user',
  input: z.strictObject({ fileIds: z.array(idInput).optional(), folderIds: z.array(idInput).optional() }),
  encode: ({ fileIds = [], folderIds = [] }) => ({
    body: { json: { file_ids: fileIds, folder_ids: folderIds } },
  }),
  output: tolerant({
    archive: tolerant({ guid: id, total_file_count: z.number().optional().catch(undefined) }),
  }).transform(({ archive }): StartedArchive => ({
    archiveId: archive.guid,
    totalFileCount: archive.total_file_count,
  })),
};
