import { apiDate } from './api-dates';
import type { Account } from './accounts';
import { fileStatus } from './file-view';
import { folderPath, type Folder } from './folders';
import type { ScannerContext } from './scanner-context';
import { isThere, servedContent, type StoredFile } from './stored-file';

/** A folder as `GET /root_folder` shows it; a root has neither name nor path. */
export function folderFields(folder: Folder): Record<string, unknown> {
  return {
    folder_id: folder.folderId,
    name: folder.name,
    path: folder.parent,
    owner: folder.owner.username,
    owner_id: folder.owner.userId,
    availability_state: 'Available',
    can_update_sharing: false,
    folder_path_list: [],
  };
}

/** The files that lie in a folder, or also in those below it; none that is deleted, expired or gone. */
export function filesIn(
  folder: Folder,
  depth: 'here' | 'below',
  { shelf, folders, now }: Pick<ScannerContext, 'shelf' | 'folders' | 'now'>,
): StoredFile[] {
  const inside = depth === 'here' ? [folder] : folders.below(folder);
  const paths = new Set(inside.map(folderPath));
  return [...shelf.all()].filter(
    (file) => file.owner.userId === folder.owner.userId && paths.has(file.path) && isThere(file, now()),
  );
}

/**
 * One page of a folder's content, folders first, in the shape of its generation: the reference page of 3.10 says
 * `{ totalCount, items }`; the older sibling, the search, suggests `{ message, ui_message_key, files, folders }`.
 */
export function folderContent(
  folder: Folder,
  page: { readonly start: number; readonly count: number },
  viewer: Account,
  context: ScannerContext,
): Record<string, unknown> {
  const { settings, now } = context;
  const { replies, statusFields, undocumented } = settings();
  const files = filesIn(folder, 'here', context);
  const all = [
    ...context.folders.children(folder).map((inner) => ({ folder: inner, file: undefined })),
    ...files.map((file) => ({ folder: undefined, file })),
  ];
  const shown = all.slice(page.start, page.start + page.count);
  if (replies === 'pascal' && undocumented.folderContent === 'by-replies') {
    const items = shown.map((one) =>
      one.file === undefined ? folderItem(one.folder, folder) : fileItem(one.file, folder),
    );
    return { totalCount: all.length, items };
  }
  if (undocumented.folderContent === 'filter_count')
    return {
      filter_count: all.length,
      items: shown.map((one) =>
        one.file === undefined ? folderFields(one.folder) : fileStatus(one.file, viewer, now(), statusFields),
      ),
    };
  return {
    message: null,
    ui_message_key: null,
    files: shown.flatMap(({ file }) =>
      file === undefined ? [] : [fileStatus(file, viewer, now(), statusFields)],
    ),
    folders: shown.flatMap((one) => (one.folder === undefined ? [] : [folderFields(one.folder)])),
  };
}

function folderItem(folder: Folder, parent: Folder): Record<string, unknown> {
  return {
    id: folder.folderId,
    name: folder.name,
    type: 'folder',
    parentFolderId: parent.folderId,
    creationDate: apiDate(folder.createdAt, 'Z'),
    lastModifiedDate: apiDate(folder.modifiedAt, 'Z'),
  };
}

function fileItem(file: StoredFile, parent: Folder): Record<string, unknown> {
  return {
    id: file.fileId,
    name: file.name,
    type: 'file',
    parentFolderId: parent.folderId,
    creationDate: apiDate(file.completedAt, 'Z'),
    lastModifiedDate: apiDate(file.completedAt, 'Z'),
  };
}

/** Sorts the files of a search by one of its documented columns; undefined leaves them as they came. */
export function sortFound(files: StoredFile[], column: string, now: number): StoredFile[] | undefined {
  const values: Readonly<Record<string, (file: StoredFile) => string | number>> = {
    name: ({ name }) => name,
    size: (file) => servedContent(file, now).size,
    datecreated: ({ completedAt }) => completedAt,
  };
  const value = values[column.toLowerCase()];
  if (value === undefined) return undefined;
  return files.toSorted((a, b) => (value(a) < value(b) ? -1 : value(a) > value(b) ? 1 : 0));
}
