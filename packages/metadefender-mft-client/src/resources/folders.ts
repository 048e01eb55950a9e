import type { CallOptions, Transport } from '@mft-bridge/http-transport';
import type {
  CreateFolderInput,
  FolderContentInput,
  FolderSearchInput,
} from '../operations/folder-operations';
import * as operations from '../operations/folder-operations';
import type { BulkResult } from '../schemas/bulk-result';
import type { Folder } from '../schemas/folder';
import type { FolderEntry } from '../schemas/folder-entry';
import type { ListPage } from '../schemas/list-page';
import type { Paged } from './paged';
import { paged } from './paged';

const PAGE = 100;

/** As {@link FolderContentInput}, where all but the folder has a default. */
export type FolderContentWindow = Pick<FolderContentInput, 'folderId'> & Partial<FolderContentInput>;
/** As {@link FolderSearchInput}, where all but the folder and the text has a default. */
export type FolderSearchWindow = Pick<FolderSearchInput, 'folderId' | 'find'> & Partial<FolderSearchInput>;

/** Folders and what they hold. All of these are calls of a user; an administrator may use other people's folders. */
export interface Folders {
  /** The caller's own root: `GET /root_folder`. User level. */
  root(options?: CallOptions): Promise<Folder>;
  /**
   * One page of what a folder holds: `GET /folder_content/{folderId}/{start}/{count}`. User level. Defaults: start 0, count 100.
   *
   * @example
   * const { folderId } = await md.folders.root();
   * for await (const entry of md.folders.iterateContent({ folderId })) console.log(entry.kind, entry.name);
   */
  content(input: FolderContentWindow, options?: CallOptions): Promise<ListPage<FolderEntry>>;
  /** All that a folder holds, page by page as it is read. */
  iterateContent(input: Omit<FolderContentWindow, 'start'>, options?: CallOptions): Paged<FolderEntry>;
  /** One page of what is found in a folder and below: `GET /folder_search/{folderId}/{start}/{count}`. User level. */
  search(input: FolderSearchWindow, options?: CallOptions): Promise<ListPage<FolderEntry>>;
  /** All that is found, page by page as it is read. */
  iterateSearch(input: Omit<FolderSearchWindow, 'start'>, options?: CallOptions): Paged<FolderEntry>;
  /**
   * `POST /folder`. User level. Not repeated when its answer is lost: look with {@link Folders.content}. The server answers with id and
   * name only.
   *
   * @example
   * const { folderId } = await md.folders.create({ name: '2026', path: 'invoices' });
   */
  create(input: CreateFolderInput, options?: CallOptions): Promise<Folder>;
  /** `PUT /rename_folder`. User level. The name of one field of this call is inferred, see the README. */
  rename(
    input: { readonly folderId: string; readonly newName: string },
    options?: CallOptions,
  ): Promise<void>;
  /**
   * `DELETE /folders`: marks folders with all they hold, a worker of the server deletes them later. User level. Resolves even if every
   * single one failed: look at `failed`.
   */
  deleteMany(folderIds: readonly string[], options?: CallOptions): Promise<BulkResult>;
}

export function createFolders(transport: Transport): Folders {
  const content: Folders['content'] = (input, options) =>
    transport.call(operations.listFolder, { start: 0, count: PAGE, ...input }, options);
  const search: Folders['search'] = (input, options) =>
    transport.call(operations.searchFolder, { start: 0, count: PAGE, ...input }, options);
  const idOf = ({ kind, id }: FolderEntry): string => `${kind} ${id}`;

  return {
    root: (options) => transport.call(operations.getRootFolder, undefined, options),
    content,
    iterateContent: (input, options) =>
      paged(input.count ?? PAGE, idOf, (window) => content({ ...input, ...window }, options)),
    search,
    iterateSearch: (input, options) =>
      paged(input.count ?? PAGE, idOf, (window) => search({ ...input, ...window }, options)),
    create: (input, options) => transport.call(operations.createFolder, input, options),
    rename: async (input, options) => {
      await transport.call(operations.renameFolder, input, options);
    },
    deleteMany: (folderIds, options) => transport.call(operations.deleteFolders, { folderIds }, options),
  };
}
