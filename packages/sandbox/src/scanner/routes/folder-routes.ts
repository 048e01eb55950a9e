import type { Routes } from '../../routes';
import type { Account } from '../accounts';
import { caller } from '../caller';
import { fileStatus } from '../file-view';
import { filesIn, folderContent, folderFields, sortFound } from '../folder-view';
import { folderPath, normalPath, type Folder } from '../folders';
import { jsonBody, jsonObject, textField } from '../json-body';
import { parameter, searchText, segment, wholeNumber } from '../parameters';
import { invalidParameter, Refusal } from '../refusal';
import type { ScannerContext } from '../scanner-context';

const CANNOT_DELETE = 'API_FOLDER_CAN_NOT_DELETE_FOLDER_NOT_FOUND';
const NULLS = { message: null, ui_message_key: null };

/** Folders: pages from 2019 (root, deletion) to 3.10; each call has the meanings of 401 and 403 of its page. */
export function addFolderRoutes(routes: Routes, context: ScannerContext): void {
  const { keys, folders, shelf, now, settings } = context;
  const allowed = (folder: Folder, account: Account): Folder => {
    if (account.role === 'Administrator' || folder.owner.userId === account.userId) return folder;
    throw new Refusal(403, 'You may not use this folder');
  };

  routes.add('GET', '/vault_rest/root_folder', (request, response) => {
    response.json(folderFields(folders.root(caller(request, keys, 'old').account)));
  });

  routes.add('GET', '/vault_rest/folder_content/{id}/{start}/{count}', (request, response) => {
    const { account } = caller(request, keys, 'new');
    const folder = folders.get(segment(request, 'id'));
    if (folder === undefined) throw new Refusal(404, 'The folder was not found');
    const start = wholeNumber(segment(request, 'start'), 'start', 'new');
    const count = wholeNumber(segment(request, 'count'), 'count', 'new');
    response.json(folderContent(allowed(folder, account), { start, count }, account, context));
  });

  routes.add('GET', '/vault_rest/folder_search/{id}/{start}/{count}', (request, response) => {
    const { account } = caller(request, keys, 'new');
    const folder = folders.get(segment(request, 'id'));
    // Its page lists no 404.
    if (folder === undefined) throw new Refusal(400, 'The folder was not found');
    const start = wholeNumber(segment(request, 'start'), 'start', 'new');
    const count = wholeNumber(segment(request, 'count'), 'count', 'new');
    const search = searchText(request).toLowerCase();
    if (search === '') throw invalidParameter('new', 'find');
    const found = filesIn(allowed(folder, account), 'below', context).filter(({ name }) =>
      name.toLowerCase().includes(search),
    );
    const column = parameter(request, 'sort_column');
    const sorted = column === undefined ? found : sortFound(found, column, now());
    if (sorted === undefined) throw invalidParameter('new', 'sort_column');
    const { statusFields } = settings();
    const files = sorted.slice(start, start + count);
    response.json({ ...NULLS, files: files.map((file) => fileStatus(file, account, now(), statusFields)) });
  });

  routes.add('POST', '/vault_rest/folder', async (request, response) => {
    const { account } = caller(request, keys, 'new');
    const body = await jsonObject(request);
    const name = textField(body, 'name');
    const path = typeof body['path'] === 'string' ? normalPath(body['path']) : '';
    const folder = folders.create(account, path, name);
    // Here the id has another name than everywhere else.
    response.json({ ...NULLS, folder_guid: folder.folderId, folder_name: folder.name });
  });

  routes.add('PUT', '/vault_rest/rename_folder', async (request, response) => {
    const { account } = caller(request, keys, 'new');
    const body = await jsonObject(request);
    const folder = folders.get(textField(body, 'folder_id'));
    if (folder === undefined) throw new Refusal(400, 'The folder was not found');
    const before = folderPath(allowed(folder, account));
    const files = filesIn(folder, 'below', context);
    // The name of this field could not be read; it is inferred from its sibling for files.
    folders.rename(folder, textField(body, 'new_folder_name'));
    for (const file of files) shelf.move(file, { path: folderPath(folder) + file.path.slice(before.length) });
    response.json(NULLS);
  });

  routes.add('DELETE', '/vault_rest/folders', async (request, response) => {
    const { account } = caller(request, keys, 'old');
    const ids = await jsonBody(request);
    if (!Array.isArray(ids) || !ids.every((id) => typeof id === 'string'))
      throw invalidParameter('old', 'folder ids');
    const named = ids
      .map((id) => folders.get(id))
      .filter((folder) => folder !== undefined && folder.name !== '');
    const doomed = named as Folder[];
    for (const folder of doomed) allowed(folder, account);
    // All or nothing: the documented message says that none was deleted, once for each id.
    const complete = doomed.length === ids.length;
    if (complete) {
      for (const folder of doomed) {
        for (const file of filesIn(folder, 'below', context)) await shelf.remove(file);
        for (const one of folders.below(folder)) folders.remove(one);
      }
    }
    response.json(deletionReply(ids.length, complete));
  });
}

function deletionReply(total: number, complete: boolean): Record<string, unknown> {
  const failure = {
    message: 'The folders were not deleted: a folder was not found',
    ui_message_key: CANNOT_DELETE,
    result: 'Failed',
  };
  const entities = Array.from({ length: total }, () =>
    complete ? { ...NULLS, result: 'Success' } : failure,
  );
  return {
    successful_results: { entities: complete ? entities : [], success_counter: complete ? total : 0 },
    failed_results: { entities: complete ? [] : entities, failed_counter: complete ? 0 : total },
    total_count: total,
  };
}
