import type { Operation } from '@mft-bridge/http-transport';
import { z } from 'zod';
import type { BulkResult } from '../schemas/bulk-result';
import { bulkResult } from '../schemas/bulk-result';
import type { Folder } from '../schemas/folder';
import { folder } from '../schemas/folder';
import type { FolderEntry } from '../schemas/folder-entry';
import { folderPage } from '../schemas/folder-entry';
import { findHeaders, idInput, sortDirection, windowInput } from '../schemas/inputs';
import type { ListPage } from '../schemas/list-page';

/** Which part of a folder to list. */
export interface FolderContentInput {
  /** id of the folder; `folders.root()` has that of the root */
  readonly folderId: string;
  /** zero-based */
  readonly start: number;
  /** 1 to 1000 */
  readonly count: number;
}

/** What to search for in a folder and below. */
export interface FolderSearchInput extends FolderContentInput {
  /** free text; what it is compared with is the server's affair */
  readonly find: string;
  /** what to sort by; default: the server's own order */
  readonly sortColumn?: 'name' | 'size' | 'datecreated' | undefined;
  /** ascending or descending */
  readonly sortDirection?: 'asc' | 'desc' | undefined;
}

/** A folder to make. */
export interface CreateFolderInput {
  /** one level, without a separator */
  readonly name: string;
  /** path of the parent, levels joined by a backslash; default: the root folder */
  readonly path?: string | undefined;
}

const folderName = z
  .string()
  .min(1)
  .max(255)
  .regex(/^[^\\/]*$/, 'must be one level: no slash or backslash');
const window = { folderId: idInput, ...windowInput };

export const getRootFolder: Operation<undefined, Folder> = {
  name: 'folders.root',
  method: 'GET',
  path: '/root_folder',
  safety: 'safe',
  access: 'user',
  output: folder,
};

export const listFolder: Operation<FolderContentInput, ListPage<FolderEntry>> = {
  name: 'folders.content',
  method: 'GET',
  path: '/folder_content/{folderId}/{start}/{count}',
  safety: 'safe',
  access: 'user',
  input: z.strictObject(window),
  encode: ({ folderId, start, count }) => ({ params: { folderId, start, count } }),
  output: folderPage,
};

export const searchFolder: Operation<FolderSearchInput, ListPage<FolderEntry>> = {
  name: 'folders.search',
  method: 'GET',
  path: '/folder_search/{folderId}/{start}/{count}',
  safety: 'safe',
  access: 'user',
  input: z.strictObject({
    ...window,
    find: z.string().min(1),
    sortColumn: z.enum(['name', 'size', 'datecreated']).optional(),
    sortDirection: sortDirection.optional(),
  }),
  encode: ({ folderId, start, count, find, sortColumn, sortDirection: direction }) => ({
    params: { folderId, start, count },
    headers: { ...findHeaders(find), sort_column: sortColumn, sort_direction: direction },
  }),
  output: folderPage,
};

export const createFolder: Operation<CreateFolderInput, Folder> = {
  name: 'folders.create',
  method: 'POST',
  path: '/folder',
  // Two folders of one name cannot stand side by side, but how a second call is answered is not documented.
  safety: 'unsafe',
  access: 'user',
  input: z.strictObject({ name: folderName, path: z.string().optional() }),
  encode: ({ name, path = '' }) => ({ body: { json: { name, path } } }),
  output: folder,
};

export const renameFolder: Operation<{ readonly folderId: string; readonly newName: string }, unknown> = {
  name: 'folders.rename',
  method: 'PUT',
  path: '/rename_folder',
  safety: 'idempotent',
  access: 'user',
  input: z.strictObject({ folderId: idInput, newName: folderName }),
  // The name of the second field is inferred from its sibling for files.
  encode: ({ folderId, newName }) => ({ body: { json: { folder_id: folderId, new_folder_name: newName } } }),
};

export const deleteFolders: Operation<{ readonly folderIds: readonly string[] }, BulkResult> = {
  name: 'folders.deleteMany',
  method: 'DELETE',
  path: '/folders',
  safety: 'idempotent',
  access: 'user',
  input: z.strictObject({ folderIds: z.array(idInput).min(1) }),
  encode: ({ folderIds }) => ({ body: { json: folderIds } }),
  output: bulkResult,
};
