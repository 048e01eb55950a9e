import type { Routes } from '../../routes';
import type { Account } from '../accounts';
import { caller } from '../caller';
import { mayDownload } from '../file-view';
import { filesIn } from '../folder-view';
import { normalPath } from '../folders';
import { jsonObject, textField } from '../json-body';
import { invalidParameter, Refusal } from '../refusal';
import type { ScannerContext } from '../scanner-context';
import { isThere, type StoredFile } from '../stored-file';

const NULLS = { message: null, ui_message_key: null };

/** Renaming, moving, and archives for download: pages of 2020 and 2021, with the ordinary meanings of 401 and 403. */
export function addChangeRoutes(routes: Routes, context: ScannerContext): void {
  const { keys, shelf, folders, now, settings } = context;
  const there = (fileId: unknown): StoredFile | undefined => {
    const file = typeof fileId === 'string' ? shelf.get(fileId.replaceAll('-', '').toLowerCase()) : undefined;
    return file !== undefined && isThere(file, now()) ? file : undefined;
  };
  const owned = (file: StoredFile, account: Account): StoredFile => {
    if (account.role === 'Administrator' || file.owner.userId === account.userId) return file;
    throw new Refusal(403, 'You may not change this file');
  };

  routes.add('PUT', '/vault_rest/rename_file', async (request, response) => {
    const { account } = caller(request, keys, 'new');
    const body = await jsonObject(request);
    const file = there(textField(body, 'file_id'));
    // No 404 on its page: an unknown file is a bad request, with this key.
    if (file === undefined) throw new Refusal(400, 'The file was not found', 'API_FILE_NOT_FOUND');
    shelf.move(owned(file, account), { name: textField(body, 'new_file_name') });
    response.json(NULLS);
  });

  routes.add('PUT', '/vault_rest/move_files', async (request, response) => {
    const { account } = caller(request, keys, 'new');
    const { files: entries, new_path: path } = await jsonObject(request);
    if (!Array.isArray(entries) || entries.length === 0) throw invalidParameter('new', 'files');
    if (typeof path !== 'string') throw invalidParameter('new', 'new_path');
    const files = entries.map((entry: unknown) =>
      there(typeof entry === 'object' && entry !== null && 'file_id' in entry ? entry.file_id : undefined),
    );
    const found = files.filter((file) => file !== undefined);
    if (found.length < files.length) {
      // Documented as a bare array without status_code; its HTTP status, and that nothing is moved then, are not.
      response
        .status(settings().undocumented.moveFailure)
        .json([
          { message: 'No file was found to be moved', ui_message_key: 'API_FILE_UPDATE_NO_FILE_FOUND' },
        ]);
      return;
    }
    for (const file of found) owned(file, account);
    const target = normalPath(path);
    for (const file of found) {
      if (folders.at(file.owner, target) === undefined) throw new Refusal(400, 'The folder was not found');
    }
    // The name that travels with each id has no documented role; it is ignored.
    for (const file of found) shelf.move(file, { path: target });
    response.json(NULLS);
  });

  routes.add('POST', '/vault_rest/create_archive_download', async (request, response) => {
    const { account } = caller(request, keys, 'new');
    const body = await jsonObject(request);
    const files = idList(body, 'file_ids').map((id) => {
      const file = there(id);
      if (file === undefined) throw new Refusal(400, 'The file was not found', 'API_FILE_NOT_FOUND');
      return file;
    });
    const inFolders = idList(body, 'folder_ids').flatMap((id) => {
      const folder = folders.get(id);
      if (folder === undefined) throw new Refusal(400, 'The folder was not found');
      return filesIn(folder, 'below', context);
    });
    const all = [...new Set([...files, ...inFolders])];
    if (all.length === 0) throw invalidParameter('new', 'file_ids');
    for (const file of all)
      if (!mayDownload(owned(file, account), now())) throw new Refusal(403, 'A file cannot be downloaded');
    // This only starts the work. The calls that ask for it and fetch it are documented nowhere, so they do not exist.
    response.json({ archive: { guid: context.newId(), total_file_count: all.length } });
  });
}

function idList(body: Readonly<Record<string, unknown>>, name: string): string[] {
  const value = body[name] ?? [];
  if (!Array.isArray(value) || !value.every((id) => typeof id === 'string'))
    throw invalidParameter('new', name);
  return value;
}
