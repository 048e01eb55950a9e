import nock from 'nock';
import {
  errorKey,
  isBadRequestError,
  isForbiddenError,
  isMftBridgeError,
  isNotFoundError,
  isResponseShapeError,
  MetaDefenderClient,
} from '../src/index';
import { sample2021 } from './status-samples';

const server = 'https://mft.example.com:8010';
const fileId = 'a3b1c5d7e9f00112233445566778899a';
const groupId = '00112233445566778899aabbccddeeff';
const md = new MetaDefenderClient({
  baseUrl: `${server}/vault_rest/`,
  auth: { apiKey: 'k'.repeat(30) },
  retry: { baseMs: 1, capMs: 2 },
});
const api = () => nock(`${server}/vault_rest`);
const failureOf = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: unknown) => error as Error & { hint?: string },
  );

beforeAll(() => nock.disableNetConnect());
afterEach(() => nock.cleanAll());
afterAll(async () => {
  await md.close();
  nock.enableNetConnect();
  nock.restore();
});

test("the server's key is the code of the error, and a known one says what to do", async () => {
  api().get('/transfer').reply(400, {
    message: 'The file uploader group is required',
    ui_message_key: 'UPLOAD_FILE_UPLOADER_GROUP_IS_REQUIRED',
    status_code: 'BadRequest',
  });
  const error = await failureOf(md.transfers.open({ groupId }));
  expect(isBadRequestError(error)).toBe(true);
  expect(errorKey(error)).toBe('UPLOAD_FILE_UPLOADER_GROUP_IS_REQUIRED');
  expect(error?.hint).toContain('exactly one');
});

test('the key is found in another casing and in a bare array too', async () => {
  api().get(`/file/status/${fileId}`).reply(400, { Message: 'x', UiMessageKey: 'API_FILE_NOT_FOUND' });
  expect(errorKey(await failureOf(md.files.status(fileId)))).toBe('API_FILE_NOT_FOUND');
  api()
    .put('/move_files')
    .reply(400, [{ message: null, ui_message_key: 'API_FILE_UPDATE_NO_FILE_FOUND' }]);
  const moving = md.files.move({ files: [{ fileId, name: 'a' }], newPath: 'b' });
  expect(errorKey(await failureOf(moving))).toBe('API_FILE_UPDATE_NO_FILE_FOUND');
});

test.each([400, 401])(
  'a %d to an upload call without a key may be a proxy that drops underscore headers, and says so',
  async (status) => {
    api().get('/transfer_file').reply(status, '<html>bad</html>', { 'content-type': 'text/html' });
    const error = await failureOf(
      md.transferFiles.open({ groupId, fileName: 'a.txt', fileSize: 1, method: 'Chunk' }),
    );
    expect(error?.hint).toContain('underscores_in_headers');
  },
);

test('a 403 names the level that a call needs', async () => {
  api().get('/admin/license').reply(403, { message: 'no' });
  const error = await failureOf(
    md.request(
      { name: 'licence.get', method: 'GET', path: '/admin/license', safety: 'safe', access: 'administrator' },
      undefined,
    ),
  );
  expect(isForbiddenError(error)).toBe(true);
  expect(String(error)).toContain('administrator');
});

test('a body that is too large for a proxy says what to change', async () => {
  api().patch('/transfer_file').reply(413, '<html>413</html>');
  const error = await failureOf(
    md.transferFiles.chunk({ groupId, fileId, offset: 0, data: Buffer.from('x') }),
  );
  expect(error?.hint).toContain('client_max_body_size');
});

test('no error holds the key that was sent', async () => {
  api()
    .get(`/file/status/${fileId}`)
    .reply(500, { message: `Bearer ${'k'.repeat(30)}` });
  const lone = new MetaDefenderClient({
    baseUrl: server,
    auth: { apiKey: 'k'.repeat(30) },
    retry: { maxAttempts: 1 },
  });
  const error = await failureOf(lone.files.status(fileId));
  expect(JSON.stringify(error) + String(error) + String(error?.stack)).not.toContain('kkkkkkkk');
  await lone.close();
});

test('an answer about another file is refused, one with dashes in the id is not', async () => {
  api()
    .get(`/file/status/${fileId}`)
    .reply(200, { ...sample2021(), file_id: 'f'.repeat(32) });
  const error = await failureOf(md.files.status(fileId));
  expect(isResponseShapeError(error) && error.issues).toEqual([{ path: 'file_id', code: 'other_file' }]);
  api()
    .get(`/file/status/${fileId}`)
    .reply(200, { ...sample2021(), file_id: 'A3B1C5D7-E9F0-0112-2334-45566778899A' });
  expect((await md.files.status(fileId)).availabilityState).toBe('Available');
});

test.each([
  ['{"file_id":"x"}', 'availability_state'],
  ['{"availability_state":"Available"}', 'file_id'],
  ['[]', 'the whole value'],
  ['<html></html>', 'HTML'],
  ['', 'the whole value'],
])('the answer %s to a status is an error that names the place', async (body, place) => {
  api().get(`/file/status/${fileId}`).reply(200, body, { 'content-type': 'application/json' });
  const error = await failureOf(md.files.status(fileId));
  expect(isResponseShapeError(error)).toBe(true);
  expect(String(error)).toContain(place);
});

test.each(['{"file_id":"ID"}', '{"FileId":"ID"}', '{"id":"ID"}', '"ID"'])(
  'a new file is found in %s',
  async (body) => {
    api()
      .get('/transfer_file')
      .reply(200, body.replace('ID', fileId), { 'content-type': 'application/json' });
    expect(await md.transferFiles.open({ groupId, fileName: 'a.txt', fileSize: 1, method: 'Chunk' })).toEqual(
      { fileId },
    );
  },
);

test('a group id that the server chose is adopted', async () => {
  api()
    .get('/transfer')
    .reply(200, { GroupId: 'b'.repeat(32) });
  expect(await md.transfers.open({ groupId })).toEqual({ groupId: 'b'.repeat(32) });
});

test.each([
  ['{"version":"3.9.1"}', '3.9.1'],
  ['"3.9.1"', '3.9.1'],
  ['3.9.1.2', '3.9.1.2'],
  ['{"ProductVersion":"3.9.1"}', '3.9.1'],
])('the version is read from %s', async (body, version) => {
  api()
    .get('/version')
    .reply(200, body, { 'content-type': body.startsWith('3') ? 'text/plain' : 'application/json' });
  expect(await md.version()).toBe(version);
});

test('both generations of a list are read', async () => {
  const item = { file_id: fileId, name: 'a.txt', size: 1 };
  api()
    .get('/files/my/0/100')
    .reply(200, { filter_count: 7, items: [item] });
  expect(await md.files.list({ type: 'my' })).toMatchObject({
    total: 7,
    items: [{ fileId, name: 'a.txt', size: 1 }],
  });
  api()
    .get('/files/all/5/10')
    .reply(200, { TotalCount: 7, Items: [{ Id: fileId, Name: 'a.txt' }] });
  expect(await md.files.list({ type: 'all', start: 5, count: 10 })).toMatchObject({
    total: 7,
    items: [{ fileId, name: 'a.txt' }],
  });
});

test('what is searched for travels in base64 unless it is plain ASCII', async () => {
  const search = (find: string, header: string, value: string) => {
    api().get('/files/my/0/100').matchHeader(header, value).reply(200, { filter_count: 0, items: [] });
    return md.files.list({ type: 'my', find });
  };
  await search('a b.txt', 'find', 'a b.txt');
  await search('Über', 'findB64', Buffer.from('Über').toString('base64'));
  await search('x ', 'findB64', Buffer.from('x ').toString('base64'));
});

test('the old names of two parameters are translated, and warned about', async () => {
  const notices: string[] = [];
  const stop = md.on('deprecation', ({ notice }) => notices.push(notice));
  api()
    .get('/transfer')
    .matchHeader('share_with', 'a,b')
    .matchHeader('impersonate_as', 'bob')
    .reply(200, { group_id: groupId });
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- what is tested
  await md.transfers.open({ groupId, recipients: ['a', 'b'], sendAs: 'bob' });
  stop();
  expect(notices.join(' ')).toContain('impersonateAs');
});

test('a deletion without a body, a rename and a started archive', async () => {
  api().delete(`/file/${fileId}`).reply(200);
  await md.files.delete(fileId);
  api()
    .put('/rename_file', { file_id: fileId, new_file_name: 'b.txt' })
    .reply(200, { message: null, ui_message_key: null });
  await md.files.rename({ fileId, newName: 'b.txt' });
  api()
    .put('/move_files', { files: [{ file_id: fileId, name: 'b.txt' }], new_path: 'x\\y' })
    .reply(200);
  expect(await md.files.move({ files: [{ fileId, name: 'b.txt' }], newPath: 'x\\y' })).toEqual([]);
  api()
    .post('/create_archive_download', { file_ids: [fileId], folder_ids: [] })
    .reply(200, { archive: { guid: 'c'.repeat(32), total_file_count: 1 } });
  expect(await md.files.startArchive({ fileIds: [fileId] })).toEqual({
    archiveId: 'c'.repeat(32),
    totalFileCount: 1,
  });
});

test('a public download carries no key', async () => {
  let seen: unknown = 'not asked';
  api()
    .get('/public/abc')
    .reply(function () {
      seen = this.req.headers['authorization'];
      return [200, 'content'];
    });
  const { body } = await md.files.downloadPublic('abc');
  expect(Buffer.concat((await body.toArray()) as Buffer[]).toString()).toBe('content');
  expect(seen).toBeUndefined();
});

test('a download is silent by default, and can be announced', async () => {
  for (const [skipNotify, value] of [
    [undefined, '1'],
    [false, '0'],
  ] as const) {
    api().get(`/file/${fileId}`).matchHeader('skip_notify', value).reply(200, 'x');
    const { body } = await md.files.download(fileId, { skipNotify });
    await body.toArray();
  }
});

test.each(['..', '../admin', '', 'a/b', 'a\r\nb'])('the id %j never becomes an address', async (id) => {
  const error = await failureOf(md.files.status(id));
  expect(isMftBridgeError(error) && error.outcome).toBe('not-sent');
});

test('a file that is gone is a NotFoundError', async () => {
  api()
    .get(`/file/status/${fileId}`)
    .reply(404, { message: 'x', ui_message_key: null, status_code: 'NotFound' });
  expect(isNotFoundError(await failureOf(md.files.status(fileId)))).toBe(true);
});

test.each<[string, 'delete' | 'patch' | 'post', string, () => Promise<unknown>]>([
  ['files.delete', 'delete', `/file/${fileId}`, () => md.files.delete(fileId)],
  [
    'transferFiles.chunk',
    'patch',
    '/transfer_file',
    () => md.transferFiles.chunk({ groupId, fileId, offset: 0, data: Buffer.from('x') }),
  ],
  ['transferFiles.close', 'post', '/transfer_file', () => md.transferFiles.close({ groupId, fileId })],
])('%s does not take the login page of a proxy for a yes', async (operation, verb, path, call) => {
  api()[verb](path).reply(200, '<!doctype html><title>Sign in</title>', { 'content-type': 'text/html' });
  const error = await failureOf(call());
  expect(isResponseShapeError(error)).toBe(true);
  expect(error).toMatchObject({ operation, outcome: 'unknown', status: 200 });
  api()[verb](path).reply(200, '', { 'content-type': 'text/html' });
  await expect(call()).resolves.toBeUndefined();
});
