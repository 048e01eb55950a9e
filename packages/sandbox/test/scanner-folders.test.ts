import { startMetaDefenderSandbox, type MetaDefenderSandbox } from '../src/scanner/metadefender-sandbox';
import { call, ids, openFile, type Answer } from './scanner-kit';

const USER_KEY = 'u'.repeat(30);
const OTHER_KEY = 'o'.repeat(30);
let time = Date.UTC(2026, 0, 2);
let scanner: MetaDefenderSandbox;
let root: string;

beforeEach(async () => {
  scanner = await startMetaDefenderSandbox({
    users: [
      { username: 'bridge', password: 'b' },
      { username: 'other', password: 'o' },
    ],
    apiKeys: ['k'.repeat(30), { key: USER_KEY, username: 'bridge' }, { key: OTHER_KEY, username: 'other' }],
    clock: () => time,
  });
  root = (await mine('GET /root_folder')).body.folder_id;
});
afterEach(() => scanner.close());

const mine = (request: `${string} ${string}`, body?: unknown, headers = {}): Promise<Answer> =>
  call(scanner, request, headers, body === undefined ? undefined : JSON.stringify(body), USER_KEY);
const make = async (name: string, path = ''): Promise<string> =>
  (await mine('POST /folder', { name, path })).body.folder_guid;
const content = async (id: string, page = '0/99') => (await mine(`GET /folder_content/${id}/${page}`)).body;
const names = (items: { name: string }[]): string[] => items.map(({ name }) => name);

/** A file in a folder: `path` goes with the second call of the upload. */
async function put(name: string, path: string): Promise<string> {
  const group = (await mine('GET /transfer')).body.group_id as string;
  const headers = { group_id: group, transfer_method: 'Chunk', file_size: '0', file_name: name, path };
  const fileId = (await mine('GET /transfer_file', undefined, headers)).body.file_id as string;
  await mine('POST /transfer_file', undefined, ids({ groupId: group, fileId }));
  await mine('POST /transfer', undefined, { group_id: group });
  return fileId;
}

describe('POST /folder', () => {
  // Supplement 1.1: the id is called folder_guid here, folder_id elsewhere; levels are joined by a backslash.
  test('makes a folder below a path', async () => {
    const made = await mine('POST /folder', { name: 'in', path: '' });
    expect(made).toMatchObject({ status: 200 });
    expect(made.body).toEqual({
      message: null,
      ui_message_key: null,
      folder_guid: expect.stringMatching(/^[0-9a-f]{32}$/),
      folder_name: 'in',
    });
    await make('today', 'in');
    const deep = await make('orders', 'in\\today');
    expect(await content(deep)).toEqual({ message: null, ui_message_key: null, files: [], folders: [] });
  });

  // Supplement 1.1, product rule: two folders of one name cannot stand side by side.
  test('refuses a name that stands there, one that is none, and a parent that does not exist', async () => {
    await make('in');
    for (const body of [
      { name: 'in' },
      { name: '' },
      {},
      { name: 'a\\b' },
      { name: 'x', path: 'nowhere' },
      [],
    ]) {
      await expect(mine('POST /folder', body)).resolves.toMatchObject({
        status: 400,
        body: { status_code: 'BadRequest' },
      });
    }
  });
});

describe('GET /folder_content', () => {
  beforeEach(async () => {
    for (const name of ['b.txt', 'a.txt']) await put(name, 'in');
    await make('deep', 'in');
    await put('c.txt', 'in\\deep');
  });
  const folderId = async (): Promise<string> => (await content(root)).folders[0].folder_id;

  // Reference 6: the sibling search reply suggests {message, ui_message_key, files[], folders[]}.
  test('in the older shape has files and folders apart, folders first in the paging', async () => {
    expect(await content(root)).toMatchObject({
      files: [],
      folders: [{ name: 'in', path: '', owner: 'bridge', owner_id: 1, availability_state: 'Available' }],
    });
    const inside = await content(await folderId());
    expect(names(inside.folders)).toEqual(['deep']);
    expect(inside.folders[0].path).toBe('in');
    expect(names(inside.files)).toEqual(['b.txt', 'a.txt']);
    expect(inside.files[0]).toMatchObject({ file_id: expect.any(String), path: 'in', scan_result: {} });
    const second = await content(await folderId(), '1/1');
    expect([names(second.folders), names(second.files)]).toEqual([[], ['b.txt']]);
  });

  // Reference 6: the ref page: {totalCount, items:[{id,name,type,parentFolderId,creationDate,lastModifiedDate}]}.
  test('in the shape of 3.10 is one list with a total', async () => {
    const id = await folderId();
    scanner.change({ replies: 'pascal' });
    const { body } = await mine(`GET /folder_content/${id}/0/2`);
    expect(body).toEqual({
      totalCount: 3,
      items: ['folder', 'file'].map((type) => ({
        id: expect.stringMatching(/^[0-9a-f]{32}$/),
        name: type === 'folder' ? 'deep' : 'b.txt',
        type,
        parentFolderId: id,
        creationDate: '2026-01-02T00:00:00.0000000Z',
        lastModifiedDate: '2026-01-02T00:00:00.0000000Z',
      })),
    });
  });

  // Reference 6: 401/403/404, with the ordinary meanings of a 3.10 page.
  test('is a 404 for an unknown folder, a 403 for somebody else, a 401 for a bad key', async () => {
    const request = `GET /folder_content/${await folderId()}/0/9` as const;
    const status = async (one: `${string} ${string}`, key: string) =>
      (await call(scanner, one, {}, undefined, key)).status;
    expect(await status('GET /folder_content/abc/0/9', USER_KEY)).toBe(404);
    expect(await status(request, OTHER_KEY)).toBe(403);
    expect(await status(request, 'nonsense')).toBe(401);
    expect(await status(request, scanner.apiKey)).toBe(200);
    expect(await status(`GET /folder_content/${root}/x/9`, USER_KEY)).toBe(400);
  });
});

describe('GET /folder_search', () => {
  // Reference 6 and supplement 2: find or findB64 is required, files[] are status objects; 400 for a bad parameter.
  test('finds files below a folder, sorted by its own columns', async () => {
    await put('Order 1.txt', 'in');
    time += 1000;
    await put('order 2.txt', 'in\\deep');
    await put('order 3.txt', '');
    const folder = (await content(root)).folders[0].folder_id as string;
    const search = (headers: Record<string, string>, page = '0/9') =>
      mine(`GET /folder_search/${folder}/${page}`, undefined, headers);
    const found = await search({ find: 'ORDER' });
    expect(found.body).toMatchObject({ message: null, ui_message_key: null });
    expect(names(found.body.files)).toEqual(['Order 1.txt', 'order 2.txt']);
    expect(found.body.files[1]).toMatchObject({ path: 'in\\deep', availability_state: 'Available' });
    const encoded = {
      find: 'x',
      findB64: Buffer.from('order').toString('base64'),
      sort_column: 'datecreated',
    };
    expect(names((await search(encoded, '1/1')).body.files)).toEqual(['order 2.txt']);
    for (const headers of [{}, { find: 'a', sort_column: 'expires' }] as Record<string, string>[])
      expect((await search(headers)).status).toBe(400);
    // Its page lists no 404.
    expect((await mine('GET /folder_search/abc/0/9', undefined, { find: 'a' })).status).toBe(400);
  });
});

describe('PUT /rename_folder', () => {
  // Supplement 1.3: the second field is inferred; reply the two nulls of rename_file.
  test('takes along what lies below it', async () => {
    const fileId = await put('a.txt', 'in\\deep');
    const folder = (await content(root)).folders[0].folder_id as string;
    const renamed = await mine('PUT /rename_folder', { folder_id: folder, new_folder_name: 'arrived' });
    expect([renamed.status, renamed.body]).toEqual([200, { message: null, ui_message_key: null }]);
    expect((await mine(`GET /file/status/${fileId}`)).body.path).toBe('arrived\\deep');
    expect((await content(folder)).folders).toMatchObject([{ name: 'deep', path: 'arrived' }]);
    await make('in');
    const again = await mine('PUT /rename_folder', { folder_id: folder, new_folder_name: 'in' });
    expect(again.status).toBe(400);
    for (const folder_id of ['abc', root])
      expect((await mine('PUT /rename_folder', { folder_id, new_folder_name: 'x' })).status).toBe(400);
  });
});

describe('DELETE /folders', () => {
  // Reference 6, 8 and supplement 2: three fields; files are marked as deleted.
  test('deletes folders with all that lies in them', async () => {
    const fileId = await put('a.txt', 'in\\deep');
    const folder = (await content(root)).folders[0].folder_id as string;
    const { body } = await mine('DELETE /folders', [folder]);
    expect(body).toEqual({
      successful_results: {
        entities: [{ message: null, ui_message_key: null, result: 'Success' }],
        success_counter: 1,
      },
      failed_results: { entities: [], failed_counter: 0 },
      total_count: 1,
    });
    expect((await content(root)).folders).toEqual([]);
    expect((await mine(`GET /file/status/${fileId}`)).body.availability_state).toBe('Deleted');
    expect((await mine(`GET /folder_content/${folder}/0/9`)).status).toBe(404);
  });

  // Supplement 2: the failure key is repeated per id, its message says that none was deleted.
  test('deletes none where one is unknown, with status 200', async () => {
    const folder = await make('in');
    const answer = await mine('DELETE /folders', [folder, 'abc']);
    const failure = {
      ui_message_key: 'API_FOLDER_CAN_NOT_DELETE_FOLDER_NOT_FOUND',
      message: expect.any(String),
    };
    expect(answer).toMatchObject({
      status: 200,
      body: {
        successful_results: { entities: [], success_counter: 0 },
        failed_results: { entities: [failure, failure], failed_counter: 2 },
        total_count: 2,
      },
    });
    expect((await mine(`GET /folder_content/${folder}/0/9`)).status).toBe(200);
    // Pages of 2019: 401 is a bad parameter, 403 somebody else's folder.
    expect((await mine('DELETE /folders', { id: folder })).status).toBe(401);
    const foreign = await call(scanner, 'DELETE /folders', {}, JSON.stringify([folder]), OTHER_KEY);
    expect(foreign.status).toBe(403);
  });
});

// Reference 4, step 2: `path` is the target folder; whether it creates one is not documented, here it does.
test('an upload into a path that does not exist creates it', async () => {
  const opened = await openFile(scanner, 'a.txt', 0, 'Chunk', USER_KEY);
  expect(opened.fileId).toEqual(expect.any(String));
  await put('a.txt', '/in/today/');
  expect(names((await content(root)).folders)).toEqual(['in']);
});
