import { createHash, randomBytes } from 'node:crypto';
import nock from 'nock';
import {
  evaluateVerdict,
  isApiError,
  isBadRequestError,
  isConnectionError,
  isInvalidRequestError,
  isLoginError,
  isPayloadTooLargeError,
  isResponseShapeError,
  MetaDefenderClient,
  serverDate,
} from '../src/index';
import type { AuthOptions, ClientOptions } from '../src/index';
import { buildFileStatus, buildStatusAnswer } from '../src/testing';

// What the vendor's pages leave open, by its number in our notes on this API, and how this client behaves until a live server is read.

const server = 'https://mft.example.com:8010';
const fileId = 'a3b1c5d7e9f00112233445566778899a';
const groupId = '00112233445566778899aabbccddeeff';
const api = () => nock(`${server}/vault_rest`);
const clients: MetaDefenderClient[] = [];

function client(auth: AuthOptions = { apiKey: 'k'.repeat(30) }, options: Partial<ClientOptions> = {}) {
  const md = new MetaDefenderClient({ baseUrl: server, auth, retry: { baseMs: 1, capMs: 2 }, ...options });
  clients.push(md);
  return md;
}
const failureOf = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: unknown) => error as Error & { hint?: string },
  );

beforeAll(() => nock.disableNetConnect());
afterEach(async () => {
  for (const md of clients.splice(0)) await md.close();
  const pending = nock.pendingMocks();
  nock.cleanAll();
  expect(pending).toEqual([]);
});
afterAll(() => {
  nock.enableNetConnect();
  nock.restore();
});

const basic = (text: string) => `Basic ${Buffer.from(text, 'utf8').toString('base64')}`;

describe('1: CR LF or a colon in the login', () => {
  test.each([
    [{ username: 'u', password: 'p' }, 'u\r\np'],
    [{ username: 'u', password: 'p', separator: 'colon' as const }, 'u:p'],
  ])('%j is sent as %j, and never in the other form after a refusal', async (auth, text) => {
    const login = api().get('/authenticate').matchHeader('authorization', basic(text)).reply(403, {});
    const md = client(auth);
    expect(isLoginError(await failureOf(md.version()))).toBe(true);
    expect(isLoginError(await failureOf(md.version()))).toBe(true);
    login.done();
  });
});

describe('2: casing of the reply to a login, and what a 200 says', () => {
  test.each([
    { token: 'abc', expires: '2099-01-01T00:00:00Z', user_id: 1 },
    { Result: 'Success', Token: 'abc', Expires: '2099-01-01T00:00:00', UiMessageKey: null, Message: null },
  ])('%j is a session', async (body) => {
    api().get('/authenticate').reply(200, body);
    api().get('/version').matchHeader('authorization', 'Bearer abc').reply(200, '"3"');
    expect(await client({ username: 'u', password: 'p' }).version()).toBe('3');
  });
  test.each([{ Result: 'Success', Token: '' }, { Result: 'ErrorMfaRequired', Token: 'abc' }, {}])(
    '%j is none',
    async (body) => {
      api().get('/authenticate').reply(200, body);
      expect(isLoginError(await failureOf(client({ username: 'u', password: 'p' }).version()))).toBe(true);
    },
  );
});

test('3: the key that an extension returns is adopted, and a failed extension is followed by one login', async () => {
  let now = Date.UTC(2026, 0, 1);
  const at = (ms: number) => new Date(now + ms).toISOString();
  const md = client({ username: 'u', password: 'p' }, { now: () => now });
  api()
    .get('/authenticate')
    .reply(200, { token: 'first', expires: at(3_600_000) });
  api().get('/version').matchHeader('authorization', 'Bearer first').reply(200, '"3"');
  await md.version();
  now += 3_595_000;
  api()
    .put('/token')
    .matchHeader('authorization', 'Bearer first')
    .reply(200, { token: 'second', expires: at(3_600_000) });
  api().get('/version').matchHeader('authorization', 'Bearer second').reply(200, '"3"');
  await md.version();
  now += 3_595_000;
  api().put('/token').reply(403, {});
  api()
    .get('/authenticate')
    .reply(200, { token: 'third', expires: at(3_600_000) });
  api().get('/version').matchHeader('authorization', 'Bearer third').reply(200, '"3"');
  await md.version();
});

describe('4: an expired key is answered with 401 or 403', () => {
  test.each([401, 403])('a %d is met with one new login where the key may be over', async (status) => {
    api().get('/authenticate').reply(200, { token: 'first' });
    api().get('/version').matchHeader('authorization', 'Bearer first').reply(status, {});
    api().put('/token').reply(403, {});
    api().get('/authenticate').reply(200, { token: 'second' });
    api().get('/version').matchHeader('authorization', 'Bearer second').reply(200, '"3"');
    expect(await client({ username: 'u', password: 'p' }).version()).toBe('3');
  });
  test.each([401, 403])('a %d to a key that is good for long is thrown as it is', async (status) => {
    api().get('/authenticate').reply(200, { token: 'first', expires: '2099-01-01T00:00:00Z' });
    api().get('/version').reply(status, {});
    const error = await failureOf(client({ username: 'u', password: 'p' }).version());
    expect(isApiError(error) && error.status).toBe(status);
  });
});

describe('5: names in headers', () => {
  const open = (fileNames: ClientOptions['fileNames'], fileName: string) =>
    client(undefined, { fileNames }).transferFiles.open({ groupId, fileName, fileSize: 1, method: 'Chunk' });
  test('anything but printable ASCII is refused by default, and the option is named', async () => {
    const error = await failureOf(open(undefined, 'Über.pdf'));
    expect(isInvalidRequestError(error)).toBe(true);
    expect(String(error)).toContain('fileNames');
  });
  test.each([
    ['percent', '%C3%9Cber%20%E6%8A%A5.pdf'],
    ['utf8-latin1', Buffer.from('Über 报.pdf').toString('latin1')],
  ] as const)('as %s it can be sent', async (encoding, header) => {
    api().get('/transfer_file').matchHeader('file_name', header).reply(200, { file_id: fileId });
    expect(await open(encoding, 'Über 报.pdf')).toEqual({ fileId });
  });
});

test.each([
  [undefined, 'a,b'],
  [';', 'a;b'],
])('6: with separator %j two recipients are sent as %j', async (shareWithSeparator, header) => {
  api().get('/transfer').matchHeader('share_with', header).reply(200, { group_id: groupId });
  await client(undefined, { shareWithSeparator }).transfers.open({ groupId, shareWith: ['a', 'b'] });
});

describe('7: replies to steps 2, 3 and 4', () => {
  test.each([{ file_id: fileId }, { FileId: fileId }, { id: fileId }])(
    'the id is read from %j',
    async (body) => {
      api().get('/transfer_file').reply(200, body);
      const md = client();
      expect(await md.transferFiles.open({ groupId, fileName: 'a', fileSize: 1, method: 'Chunk' })).toEqual({
        fileId,
      });
    },
  );
  test.each(['', '{"result":"success"}', '<html>fine</html>', 'null'])(
    'the body %j of steps 3 and 4 is ignored',
    async (body) => {
      const md = client();
      api().patch('/transfer_file').reply(200, body);
      await md.transferFiles.chunk({ groupId, fileId, offset: 0, data: Buffer.from('x') });
      api().post('/transfer_file').reply(200, body);
      await md.transferFiles.close({ groupId, fileId });
    },
  );
});

test('8: what was acknowledged is known here, and a chunk without an answer is sent again at its offset', async () => {
  const md = client();
  api().patch('/transfer_file').matchHeader('chunk_offset', '5').replyWithError('socket hang up');
  api().patch('/transfer_file').matchHeader('chunk_offset', '5').reply(200);
  await md.transferFiles.chunk({ groupId, fileId, offset: 5, data: Buffer.from('x') });
});

describe('9: the two GETs that create state', () => {
  test('opening a group is repeated, since its id is ours', async () => {
    api().get('/transfer').matchHeader('group_id', groupId).replyWithError('socket hang up');
    api().get('/transfer').matchHeader('group_id', groupId).reply(200, { group_id: groupId });
    expect(await client().transfers.open({ groupId })).toEqual({ groupId });
  });
  test('announcing a file is repeated only with an id of ours', async () => {
    const input = { groupId, fileName: 'a', fileSize: 1, method: 'Chunk' as const };
    const md = client();
    api().get('/transfer_file').replyWithError('socket hang up');
    expect(isConnectionError(await failureOf(md.transferFiles.open(input)))).toBe(true);
    api().get('/transfer_file').matchHeader('file_id', fileId).replyWithError('socket hang up');
    api().get('/transfer_file').matchHeader('file_id', fileId).reply(200, { file_id: fileId });
    expect(await md.transferFiles.open({ ...input, fileId })).toEqual({ fileId });
  });
});

describe('10: no checksum of the whole file', () => {
  const data = randomBytes(100);
  const md5 = createHash('md5').update(data).digest('hex');
  test('each chunk carries its MD5, which can be turned off', async () => {
    const md = client();
    api().patch('/transfer_file').matchHeader('chunk_checksum', md5).reply(200);
    await md.transferFiles.chunk({ groupId, fileId, offset: 0, data });
    nock(`${server}/vault_rest`, { badheaders: ['chunk_checksum'] })
      .patch('/transfer_file')
      .reply(200);
    await md.transferFiles.chunk({ groupId, fileId, offset: 0, data, md5: false });
  });
  test('the size in the status is compared with what was sent', () => {
    const status = buildFileStatus('cleared', { size: 99 });
    expect(evaluateVerdict(status, { size: 100 })).toMatchObject({
      status: 'held',
      reasons: [{ code: 'size-differs' }],
    });
  });
});

test.each(['Archived', 'PendingApproval', 'available', 'AVAILABLE', ''])(
  '11: the state %j, which nobody documented, is not released, and its raw value is kept',
  (state) => {
    const status = { ...buildFileStatus('cleared'), availabilityState: state };
    expect(evaluateVerdict(status).status).toBe('held');
    if (state !== '')
      expect(buildFileStatus('cleared', { availability_state: state }).raw['availability_state']).toBe(state);
  },
);

test.each([
  [
    {
      totalCount: 2,
      items: [
        { id: 'd', type: 'folder' },
        { id: 'f', type: 'file' },
      ],
    },
  ],
  [{ filter_count: 2, items: [{ folder_id: 'd' }, { file_id: 'f' }] }],
  [{ files: [{ file_id: 'f' }], folders: [{ folder_id: 'd' }] }],
])('12: the content of a folder is read from %j', async (body) => {
  api().get('/folder_content/root/0/100').reply(200, body);
  const { items } = await client().folders.content({ folderId: 'root' });
  expect(items.map(({ kind, id }) => [kind, id])).toEqual([
    ['folder', 'd'],
    ['file', 'f'],
  ]);
});

test('13: a date without a zone is UTC, and the raw text is kept', () => {
  expect(serverDate('2026-01-02T03:04:05.1234567')).toBe(Date.UTC(2026, 0, 2, 3, 4, 5, 123));
  expect(serverDate('2026-01-02T03:04:05.1234567Z')).toBe(Date.UTC(2026, 0, 2, 3, 4, 5, 123));
  expect(serverDate('01-02-2026')).toBe(Date.UTC(2026, 0, 2));
  const text = '2026-01-02T03:04:05.1234567';
  expect(buildFileStatus('cleared', { first_upload_time: text }).firstUploadTime).toBe(text);
});

test('14: what has no known path is reached by request(), with the same key, retries and errors', async () => {
  const rescan = { name: 'files.rescan', method: 'GET', path: '/file/rescan/{id}', safety: 'safe' } as const;
  const operation = { ...rescan, encode: (id: string) => ({ params: { id } }) };
  const md = client();
  api().get(`/file/rescan/${fileId}`).reply(503);
  api()
    .get(`/file/rescan/${fileId}`)
    .matchHeader('authorization', `Bearer ${'k'.repeat(30)}`)
    .reply(200, { ok: true });
  await md.request(operation, fileId);
  api().get(`/file/rescan/${fileId}`).reply(400, { ui_message_key: 'API_FILE_NOT_FOUND' });
  const error = await failureOf(md.request(operation, fileId));
  expect(isBadRequestError(error) && error.key).toBe('API_FILE_NOT_FOUND');
});

test('15: which bytes a download gives is said by is_sanitized and by nothing else', () => {
  expect(evaluateVerdict(buildFileStatus('cleared')).sanitized).toBe(false);
  expect(evaluateVerdict(buildFileStatus('sanitized'))).toMatchObject({ status: 'cleared', sanitized: true });
  // Neither yes nor no: nothing is claimed, and nothing is released.
  const silent = Object.fromEntries(
    Object.entries(buildStatusAnswer('cleared')).filter(([name]) => name !== 'is_sanitized'),
  );
  expect(evaluateVerdict({ ...buildFileStatus('cleared', silent), isSanitized: undefined }).status).toBe(
    'held',
  );
});

test('16: a file that is gone after its upload is held, never cleared', async () => {
  api().get(`/file/status/${fileId}`).twice().reply(404, { status_code: 'NotFound' });
  const verdict = await client().files.waitForVerdict(fileId, { minIntervalMs: 1, maxIntervalMs: 2 });
  expect(verdict).toMatchObject({ status: 'held', reasons: [{ code: 'gone-after-upload' }] });
});

describe('17: limits of requests', () => {
  test('Retry-After is honoured', async () => {
    const waits: number[] = [];
    const sleep = (ms: number) => {
      waits.push(ms);
      return Promise.resolve();
    };
    api().get(`/file/status/${fileId}`).reply(429, '', { 'retry-after': '7' });
    api()
      .get(`/file/status/${fileId}`)
      .reply(200, buildStatusAnswer('cleared', { file_id: fileId }));
    await client(undefined, { sleep }).files.status(fileId);
    expect(Math.max(...waits)).toBeGreaterThanOrEqual(7000);
  });
  test.each([429, 502, 503, 504])('a read is repeated after %d, what is unsafe is not', async (status) => {
    api().get(`/file/status/${fileId}`).reply(status);
    api()
      .get(`/file/status/${fileId}`)
      .reply(200, buildStatusAnswer('cleared', { file_id: fileId }));
    const md = client();
    await md.files.status(fileId);
    if (status === 429) return; // refused before any work: repeating does no harm
    api().post('/folder').reply(status);
    const error = await failureOf(md.folders.create({ name: 'x' }));
    expect(isApiError(error) && error.attempts).toBe(1);
  });
});

test('18: headers that speak of deprecation are told, and change nothing', async () => {
  const md = client();
  const seen: string[] = [];
  md.on('deprecation', ({ operation, source }) => seen.push(`${operation} ${source}`));
  api()
    .get('/root_folder')
    .reply(200, { folder_id: 'r' }, { deprecation: '@1767225600', sunset: 'Fri, 01 Jan 2027 00:00:00 GMT' });
  expect((await md.folders.root()).folderId).toBe('r');
  expect(seen).toEqual(['folders.root deprecation']);
});

describe('19: limits on sizes', () => {
  test('413 with a page of HTML is a PayloadTooLargeError', async () => {
    api()
      .patch('/transfer_file')
      .reply(413, '<html>413 Request Entity Too Large</html>', { 'content-type': 'text/html' });
    const error = await failureOf(
      client().transferFiles.chunk({ groupId, fileId, offset: 0, data: Buffer.from('x') }),
    );
    expect(isPayloadTooLargeError(error)).toBe(true);
  });
  test.each(['UPLOAD_FILE_SIZE_LIMIT', 'USER_QUOTA_EXCEEDED', 'LICENSE_EXPIRED'])(
    'the key %s says what to do',
    async (key) => {
      api().get('/transfer_file').reply(400, { message: 'no', ui_message_key: key });
      const error = await failureOf(
        client().transferFiles.open({ groupId, fileName: 'a', fileSize: 1, method: 'Chunk' }),
      );
      expect(isBadRequestError(error) && error.key).toBe(key);
      expect(error?.hint).toContain('limit');
    },
  );
});

test.each(['"3.11.5"', '{"version":"3.11.5"}', '3.11.5'])(
  '20: the version is read from %s, and no other call asks for it',
  async (body) => {
    const md = client();
    api().get('/version').reply(200, body);
    expect(await md.version()).toBe('3.11.5');
    api().get('/root_folder').reply(200, { folder_id: 'r' });
    await md.folders.root();
  },
);

test.each([400, 401])(
  '21: a %d to step 2 hints at a proxy that drops headers with underscores',
  async (status) => {
    api().get('/transfer_file').reply(status, { message: 'invalid parameter' });
    const error = await failureOf(
      client().transferFiles.open({ groupId, fileName: 'a', fileSize: 1, method: 'Chunk' }),
    );
    expect(error?.hint).toContain('underscore');
  },
);

test.each([null, '', undefined, 'Skipped', 'allowed'])(
  '22: a key that may skip scanning: workflow_result %j is not released',
  (result) => {
    const scan = { workflow_result: result, blocked_reason: '', actions_failed: '' };
    expect(evaluateVerdict(buildFileStatus('cleared', { scan_result: scan })).status).toBe('held');
  },
);

describe('23: HTML and empty bodies', () => {
  test.each(['<html>login</html>', '', 'not json'])(
    'the answer %j is a ResponseShapeError and no parse error',
    async (body) => {
      api().get(`/file/status/${fileId}`).reply(200, body);
      expect(isResponseShapeError(await failureOf(client().files.status(fileId)))).toBe(true);
    },
  );
  test('a page of HTML with a 502 is the error of its status', async () => {
    api().get('/root_folder').times(4).reply(502, '<html><h1>Bad Gateway</h1></html>');
    const error = await failureOf(client().folders.root());
    expect(isApiError(error) && error.status).toBe(502);
    expect(String(error)).not.toContain('<h1>');
  });
});

test('24: a certificate nobody vouches for is an error that names the option, and there is no switch to accept it', async () => {
  const untrusted = Object.assign(new Error('self-signed certificate'), {
    code: 'DEPTH_ZERO_SELF_SIGNED_CERT',
  });
  api().get('/version').replyWithError(untrusted);
  const error = await failureOf(client().version({ maxAttempts: 1 }));
  expect(isConnectionError(error)).toBe(true);
  expect(error?.hint).toContain('ca');
});
