import type { Request } from 'express';
import type { Routes } from '../../routes';
import { caller } from '../caller';
import { maySee } from '../file-shelf';
import { fileListItem, fileStatus, mayDownload } from '../file-view';
import { jsonBody } from '../json-body';
import { invalidParameter, Refusal } from '../refusal';
import { parameter, searchText, segment, wholeNumber } from '../parameters';
import type { ScannerContext } from '../scanner-context';
import { sendContent } from '../send-content';
import { fileState, isGone, isThere, servedContent, type StoredFile } from '../stored-file';

/** Lists, status, download and deletion of completed files. */
export function addFileRoutes(routes: Routes, context: ScannerContext): void {
  const { keys, shelf, now, settings, published } = context;
  const find = (fileId: string): StoredFile => {
    const file = shelf.get(fileId);
    // This key is documented for renaming an unknown file.
    if (file === undefined || isGone(file, now()))
      throw new Refusal(404, 'The file was not found', 'API_FILE_NOT_FOUND');
    return file;
  };
  const findContent = (fileId: string): StoredFile => {
    const file = find(fileId);
    if (!isThere(file, now())) throw new Refusal(404, 'The file was not found', 'API_FILE_NOT_FOUND');
    return file;
  };

  routes.add('GET', '/vault_rest/files/{type}/{start}/{count}', (request, response) => {
    const { account } = caller(request, keys, 'old');
    const type = segment(request, 'type');
    if (type !== 'my' && type !== 'all') throw invalidParameter('old', 'type');
    if (type === 'all' && settings().listAll === 'administrators' && account.role !== 'Administrator')
      throw new Refusal(403, 'You may not list the files of all users');
    const start = wholeNumber(segment(request, 'start'), 'start', 'old');
    const count = wholeNumber(segment(request, 'count'), 'count', 'old');
    const time = now();
    const states = parameter(request, 'availabilitystate')
      ?.split(',')
      .map((state) => state.trim());
    const search = searchText(request).toLowerCase();
    const found = [...shelf.all()].filter((file) => {
      // The cheap question first: a search among thousands is for one name.
      if (!file.name.toLowerCase().includes(search)) return false;
      const wanted =
        states === undefined
          ? isThere(file, time)
          : states.includes(fileState(file, time)) && !isGone(file, time);
      const mine = file.owner.userId === account.userId;
      return wanted && (mine || (type === 'all' && maySee(file, account)));
    });
    sortFiles(found, request, time);
    const items = found.slice(start, start + count).map((file) => fileListItem(file, time));
    response.json({ filter_count: found.length, items });
  });

  routes.add('GET', '/vault_rest/file/status/{file_id}', (request, response) => {
    const { account } = caller(request, keys, 'new');
    const file = find(segment(request, 'file_id'));
    // Documented for this page: 401 is "may not see this file".
    if (!maySee(file, account)) throw new Refusal(401, 'You may not see this file');
    response.json(fileStatus(file, account, now(), settings().statusFields));
  });

  routes.add('GET', '/vault_rest/file/{file_id}', async (request, response) => {
    const { account } = caller(request, keys, 'new');
    const file = findContent(segment(request, 'file_id'));
    if (!maySee(file, account) || !mayDownload(file, now()))
      throw new Refusal(403, 'You may not download this file');
    if (parameter(request, 'skip_notify') !== '1') file.notifications += 1;
    await sendContent(request, response, file, now(), settings().undocumented.range);
  });

  // Since 3.7.0. Who has the address needs no key.
  routes.add('GET', '/vault_rest/public/{id}', async (request, response) => {
    const file = findContent(published.get(segment(request, 'id')) ?? '');
    if (!mayDownload(file, now())) throw new Refusal(403, 'This file cannot be downloaded');
    await sendContent(request, response, file, now(), settings().undocumented.range);
  });

  routes.add('DELETE', '/vault_rest/file/{file_id}', async (request, response) => {
    const { account } = caller(request, keys, 'old');
    const file = shelf.get(segment(request, 'file_id'));
    if (file === undefined || file.deleted || isGone(file, now())) throw cannotDelete();
    if (account.role !== 'Administrator' && file.owner.userId !== account.userId) {
      throw new Refusal(403, 'You may not delete this file');
    }
    await shelf.remove(file);
    response.status(200).end();
  });

  routes.add('DELETE', '/vault_rest/files', async (request, response) => {
    const { account } = caller(request, keys, 'old');
    const ids = await jsonBody(request);
    if (!Array.isArray(ids) || !ids.every((id) => typeof id === 'string'))
      throw invalidParameter('old', 'file ids');
    const results: { id: string; deleted: boolean }[] = [];
    for (const id of ids) {
      const file = shelf.get(id.replaceAll('-', '').toLowerCase());
      const own =
        file !== undefined && (account.role === 'Administrator' || file.owner.userId === account.userId);
      const deleted = own && !file.deleted && !isGone(file, now());
      if (deleted) await shelf.remove(file);
      results.push({ id, deleted });
    }
    response.json(bulkReply(results));
  });
}

/**
 * Two shapes are documented, both with status 200: one where all went well, with `result` and `Result` side by side,
 * and a dictionary by dashed id, whose sample holds a failure. That the failure decides between them is inferred.
 */
function bulkReply(results: readonly { id: string; deleted: boolean }[]): Record<string, unknown> {
  const counter = results.filter(({ deleted }) => deleted).length;
  if (counter === results.length) {
    return {
      final_result: 0,
      results: results.map(({ id }) => ({
        message: null,
        result: 'Success',
        ui_message_key: null,
        FolderName: null,
        Guid: dashed(id),
        Result: 4,
      })),
      success_counter: counter,
    };
  }
  return {
    results: results.map(({ id, deleted }) => ({
      Key: dashed(id),
      Value: deleted
        ? { message: null, ui_message_key: null }
        : { message: cannotDelete().message, ui_message_key: cannotDelete().key },
    })),
    success_counter: counter,
  };
}

function dashed(id: string): string {
  return id.replaceAll('-', '').replace(/^(.{8})(.{4})(.{4})(.{4})(.+)$/, '$1-$2-$3-$4-$5');
}

function cannotDelete(): Refusal {
  return new Refusal(404, 'The file cannot be deleted: it was not found', 'API_CANNOTDELETEFILENOTFOUND');
}

function sortFiles(files: StoredFile[], request: Request, now: number): void {
  const column = parameter(request, 'sort_column')?.toLowerCase();
  const value = (file: StoredFile): string | number => {
    if (column === 'name') return file.name;
    return column === 'size' ? servedContent(file, now).size : (file.expiresAt ?? Infinity);
  };
  if (column !== undefined && !['name', 'size', 'expires'].includes(column))
    throw invalidParameter('old', 'sort_column');
  if (column !== undefined) files.sort((a, b) => (value(a) < value(b) ? -1 : value(a) > value(b) ? 1 : 0));
  if (parameter(request, 'sort_direction')?.toLowerCase() === 'desc') files.reverse();
}
