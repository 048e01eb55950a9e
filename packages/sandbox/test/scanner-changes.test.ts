import { startMetaDefenderSandbox, type MetaDefenderSandbox } from '../src/scanner/metadefender-sandbox';
import { eicar } from '../src/scanner/engine/needle-search';
import { call, upload, type Answer } from './scanner-kit';

const USER_KEY = 'u'.repeat(30);
const OTHER_KEY = 'o'.repeat(30);
const HOUR = 3_600_000;
let time = Date.UTC(2026, 0, 2);
let scanner: MetaDefenderSandbox;

beforeEach(async () => {
  scanner = await startMetaDefenderSandbox({
    users: [
      { username: 'bridge', password: 'b' },
      { username: 'other', password: 'o' },
    ],
    apiKeys: ['k'.repeat(30), { key: USER_KEY, username: 'bridge' }, { key: OTHER_KEY, username: 'other' }],
    clock: () => time,
  });
});
afterEach(() => scanner.close());

const send = (request: `${string} ${string}`, body: unknown, key = USER_KEY): Promise<Answer> =>
  call(scanner, request, {}, JSON.stringify(body), key);
const put = async (name: string, content: Buffer = Buffer.from('a'), complete = {}) =>
  (await upload(scanner, name, content, { key: USER_KEY, complete })).fileId;
const status = async (fileId: string) =>
  (await call(scanner, `GET /file/status/${fileId}`, {}, undefined, USER_KEY)).body;

describe('PUT /rename_file', () => {
  // Supplement 1.2: two nulls; an unknown file is a 400 with API_FILE_NOT_FOUND, there is no 404.
  test('gives a file another name', async () => {
    const fileId = await put('a.txt');
    const renamed = await send('PUT /rename_file', { file_id: fileId, new_file_name: 'b.txt' });
    expect([renamed.status, renamed.body]).toEqual([200, { message: null, ui_message_key: null }]);
    expect((await status(fileId)).name).toBe('b.txt');
    // The old name is free again, the new one is taken.
    expect((await status(await put('a.txt'))).name).toBe('a.txt');
    expect((await status(await put('b.txt'))).name).toBe('b-Copy(1).txt');
  });

  test('knows 400, 401 and 403 in their ordinary meanings', async () => {
    const file_id = await put('a.txt');
    const new_file_name = 'b.txt';
    await expect(send('PUT /rename_file', { file_id: 'f'.repeat(32), new_file_name })).resolves.toMatchObject(
      {
        status: 400,
        body: { ui_message_key: 'API_FILE_NOT_FOUND', status_code: 'BadRequest' },
      },
    );
    for (const body of [{ file_id }, { new_file_name }, [], 'text'])
      expect((await send('PUT /rename_file', body)).status).toBe(400);
    expect((await send('PUT /rename_file', { file_id, new_file_name }, 'nonsense')).status).toBe(401);
    expect((await send('PUT /rename_file', { file_id, new_file_name }, OTHER_KEY)).status).toBe(403);
  });
});

describe('PUT /move_files', () => {
  // Supplement 1.4: new_path is a path, not an id; the name travels with each id.
  test('moves files into a folder, one or many', async () => {
    await send('POST /folder', { name: 'done' });
    const [a, b] = [await put('a.txt'), await put('b.txt')];
    const files = [
      { file_id: a, name: 'a.txt' },
      { file_id: b, name: 'b.txt' },
    ];
    await expect(send('PUT /move_files', { files, new_path: 'done' })).resolves.toMatchObject({
      status: 200,
    });
    expect([(await status(a)).path, (await status(b)).path]).toEqual(['done', 'done']);
    // A name that is taken there gets a number, as after an upload.
    const again = await put('a.txt');
    await send('PUT /move_files', { files: [{ file_id: again, name: 'a.txt' }], new_path: 'done' });
    expect((await status(again)).name).toBe('a-Copy(1).txt');
  });

  // Supplement 1.4: the failure body is a JSON array without status_code.
  test('fails with a bare array, and moves nothing', async () => {
    await send('POST /folder', { name: 'done' });
    const a = await put('a.txt');
    const files = [{ file_id: a, name: 'a.txt' }, { file_id: 'f'.repeat(32) }];
    const failed = await send('PUT /move_files', { files, new_path: 'done' });
    expect(failed.status).toBe(400);
    expect(failed.body).toEqual([
      { message: expect.any(String), ui_message_key: 'API_FILE_UPDATE_NO_FILE_FOUND' },
    ]);
    expect((await status(a)).path).toBe('');
    const one = [{ file_id: a }];
    expect((await send('PUT /move_files', { files: one, new_path: 'nowhere' })).status).toBe(400);
    expect((await send('PUT /move_files', { files: one, new_path: '' }, OTHER_KEY)).status).toBe(403);
    expect((await send('PUT /move_files', { files: [], new_path: '' })).status).toBe(400);
  });
});

describe('POST /create_archive_download', () => {
  // Supplement 1.5: {archive: {guid, total_file_count}}; the count includes files inside the folders.
  test('starts an archive and counts its files', async () => {
    const folder = (await send('POST /folder', { name: 'in' })).body.folder_guid as string;
    const [a, b] = [await put('a.txt'), await put('b.txt')];
    await send('PUT /move_files', { files: [{ file_id: b }], new_path: 'in' });
    const started = await send('POST /create_archive_download', { file_ids: [a, b], folder_ids: [folder] });
    expect(started.body).toEqual({
      archive: { guid: expect.stringMatching(/^[0-9a-f]{32}$/), total_file_count: 2 },
    });
  });

  test('refuses nothing at all, what does not exist, and what may not be downloaded', async () => {
    const bad = await put('e.com', eicar());
    const answer = async (body: unknown) => (await send('POST /create_archive_download', body)).status;
    expect(await answer({})).toBe(400);
    expect(await answer({ file_ids: ['f'.repeat(32)] })).toBe(400);
    expect(await answer({ folder_ids: ['f'.repeat(32)] })).toBe(400);
    expect(await answer({ file_ids: 'all' })).toBe(400);
    expect(await answer({ file_ids: [bad] })).toBe(403);
  });
});

describe('GET /public', () => {
  // Reference 5: download by a public link, no auth, since 3.7.0.
  test('gives a published file to anybody, until the link is gone', async () => {
    const fileId = await put('a.txt', Buffer.from('for all'));
    const publicId = scanner.operator.publish(fileId);
    const fetched = await call(scanner, `GET /public/${publicId}`, { Range: 'bytes=4-6' }, undefined, null);
    expect([fetched.status, fetched.bytes.toString()]).toEqual([206, 'all']);
    // The link is an id of its own.
    await expect(call(scanner, `GET /public/${fileId}`, {}, undefined, null)).resolves.toMatchObject({
      status: 404,
    });
    scanner.operator.unpublish(publicId);
    await expect(call(scanner, `GET /public/${publicId}`, {}, undefined, null)).resolves.toMatchObject({
      status: 404,
    });
  });

  test('gives nothing that is blocked or expired', async () => {
    const bad = scanner.operator.publish(await put('e.com', eicar()));
    const brief = scanner.operator.publish(
      await put('b.txt', Buffer.from('b'), { expires_after: '00:01:00:00' }),
    );
    const fetch = async (id: string) =>
      (await call(scanner, `GET /public/${id}`, {}, undefined, null)).status;
    expect([await fetch(bad), await fetch(brief)]).toEqual([403, 200]);
    time += HOUR;
    expect(await fetch(brief)).toBe(404);
  });
});
