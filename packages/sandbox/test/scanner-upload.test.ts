import { startMetaDefenderSandbox, type MetaDefenderSandbox } from '../src/scanner/metadefender-sandbox';
import { call, ids, openFile, upload } from './scanner-kit';

let scanner: MetaDefenderSandbox;
let time = Date.UTC(2026, 0, 2);
const USER_KEY = 'u'.repeat(30);

beforeAll(async () => {
  scanner = await startMetaDefenderSandbox({
    users: [
      { username: 'root', password: 'r', role: 'Administrator' },
      { username: 'bridge', password: 'b' },
    ],
    apiKeys: ['k'.repeat(30), { key: USER_KEY, username: 'bridge' }],
    clock: () => time,
  });
});
afterAll(() => scanner.close());

describe('GET /transfer', () => {
  test('opens a group', async () => {
    const { status, body } = await call(scanner, 'GET /transfer');
    expect(status).toBe(200);
    expect(body).toEqual({
      group_id: expect.stringMatching(/^[0-9a-f]{32}$/),
      owner: {
        email: expect.any(String),
        first_name: 'root',
        is_impersonated: false,
        last_name: '',
        username: 'root',
      },
      shared_with: [],
    });
  });

  test('takes an id of the client, and returns the open group where it is asked for again', async () => {
    const group_id = '0f8fad5b-d9cb-469f-a165-70867728950e';
    for (let n = 0; n < 2; n += 1) {
      const { body } = await call(scanner, 'GET /transfer', { group_id });
      expect(body.group_id).toBe('0f8fad5bd9cb469fa16570867728950e');
    }
    await expect(call(scanner, 'GET /transfer', { group_id }, undefined, USER_KEY)).resolves.toMatchObject({
      status: 403,
    });
    await expect(call(scanner, 'GET /transfer', { group_id: 'mine' })).resolves.toMatchObject({
      status: 401,
    });
  });

  test('an administrator uploads for others, and shares', async () => {
    const { body } = await call(scanner, 'GET /transfer', {
      impersonate_as: 'bridge',
      share_with: 'root;bridge',
    });
    expect(body).toMatchObject({
      owner: { username: 'bridge', is_impersonated: true },
      shared_with: [{ username: 'root', id: 1, email: expect.any(String) }, { username: 'bridge' }],
    });
    const headers = { impersonate_as: 'root' };
    await expect(call(scanner, 'GET /transfer', headers, undefined, USER_KEY)).resolves.toMatchObject({
      status: 403,
    });
  });
});

describe('GET /transfer_file', () => {
  const good = { transfer_method: 'Chunk', file_size: '5', file_name: 'a.txt' };
  let group_id: string;
  beforeAll(async () => {
    group_id = (await call(scanner, 'GET /transfer')).body.group_id;
  });

  test('answers the id of the file', async () => {
    const { status, body } = await call(scanner, 'GET /transfer_file', { ...good, group_id });
    expect(status).toBe(200);
    expect(body).toEqual({ file_id: expect.stringMatching(/^[0-9a-f]{32}$/) });
  });

  test.each(['transfer_method', 'file_size', 'file_name', 'group_id'])(
    'without %s it is a 401',
    async (name) => {
      const headers: Record<string, string> = { ...good, group_id };
      Reflect.deleteProperty(headers, name);
      await expect(call(scanner, 'GET /transfer_file', headers)).resolves.toMatchObject({
        status: 401,
        body: { message: `Invalid parameter: ${name}`, ui_message_key: null, status_code: 'Unauthorized' },
      });
    },
  );

  test.each([
    ['transfer_method', 'Whole', 401],
    ['file_size', '-1', 401],
    ['file_size', '5.5', 401],
    ['group_id', 'f'.repeat(32), 400],
  ])('%s %s is refused with %i', async (name, value, status) => {
    const headers = { ...good, group_id, [name]: value };
    await expect(call(scanner, 'GET /transfer_file', headers)).resolves.toMatchObject({ status });
  });

  test('an id of the client makes it repeatable', async () => {
    const headers = { ...good, group_id, file_id: 'ab'.repeat(16) };
    for (let n = 0; n < 2; n += 1) {
      const { body } = await call(scanner, 'GET /transfer_file', headers);
      expect(body).toEqual({ file_id: 'ab'.repeat(16) });
    }
  });
});

describe('closing', () => {
  test('a size other than announced is a 400', async () => {
    const opened = await openFile(scanner, 'a.bin', 6);
    await call(scanner, 'PATCH /transfer_file', { ...ids(opened), chunk_offset: '0' }, 'abc');
    await call(scanner, 'PATCH /transfer_file', { ...ids(opened), chunk_offset: '4' }, 'ef');
    await expect(call(scanner, 'POST /transfer_file', ids(opened))).resolves.toMatchObject({
      status: 400,
      body: { status_code: 'BadRequest', message: expect.stringContaining('6 bytes, and 3') },
    });
    await expect(call(scanner, 'POST /transfer', { group_id: opened.groupId })).resolves.toMatchObject({
      status: 400,
    });
  });

  test('nothing is visible before the last call', async () => {
    const opened = await openFile(scanner, 'secret-name.bin', 3);
    const invisible = async (): Promise<void> => {
      await expect(call(scanner, `GET /file/status/${opened.fileId}`)).resolves.toMatchObject({
        status: 404,
      });
      await expect(call(scanner, `GET /file/${opened.fileId}`)).resolves.toMatchObject({ status: 404 });
      const { body } = await call(scanner, 'GET /files/all/0/10', { find: 'secret-name' });
      expect(body).toEqual({ filter_count: 0, items: [] });
    };
    await invisible();
    await call(scanner, 'PATCH /transfer_file', { ...ids(opened), chunk_offset: '0' }, 'abc');
    await invisible();
    await call(scanner, 'POST /transfer_file', ids(opened));
    await invisible();
    const done = await call(scanner, 'POST /transfer', { group_id: opened.groupId });
    expect(done.body).toEqual({
      files: [
        {
          file_id: opened.fileId,
          file_url: expect.stringContaining(':8000/'),
          folder_url: expect.stringContaining(':8010/'),
        },
      ],
    });
    await expect(call(scanner, `GET /file/status/${opened.fileId}`)).resolves.toMatchObject({ status: 200 });
    for (const again of ['POST /transfer', 'DELETE /transfer', 'GET /transfer'] as const) {
      await expect(call(scanner, again, { group_id: opened.groupId })).resolves.toMatchObject({
        status: 400,
      });
    }
  });

  test('only who opened a transfer may continue it, administrators included', async () => {
    const opened = await openFile(scanner, 'a.bin', 3, 'Chunk', USER_KEY);
    const requests = [
      'GET /transfer_file',
      'PATCH /transfer_file',
      'POST /transfer_file',
      'DELETE /transfer_file',
      'POST /transfer',
      'DELETE /transfer',
    ] as const;
    for (const request of requests) {
      await expect(call(scanner, request, { ...ids(opened), chunk_offset: '0' })).resolves.toMatchObject({
        status: 403,
        body: { status_code: 'Forbidden' },
      });
    }
  });

  test('DELETE drops one file, or the whole transfer', async () => {
    const opened = await openFile(scanner, 'a.bin', 3);
    await expect(call(scanner, 'DELETE /transfer_file', ids(opened))).resolves.toMatchObject({
      body: { result: 'success' },
    });
    await expect(call(scanner, 'POST /transfer_file', ids(opened))).resolves.toMatchObject({ status: 400 });
    await expect(call(scanner, 'DELETE /transfer', { group_id: opened.groupId })).resolves.toMatchObject({
      body: { result: 'success' },
    });
    await expect(call(scanner, 'DELETE /transfer', { group_id: opened.groupId })).resolves.toMatchObject({
      status: 400,
    });
  });

  test('expires_after and expires exclude each other', async () => {
    const opened = await openFile(scanner, 'a.bin', 0);
    await call(scanner, 'POST /transfer_file', ids(opened));
    const bad = [
      { expires_after: '01:00:00:00', expires: '2030-01-01T00:00:00Z' },
      { expires_after: '1d' },
      { expires_after: '10675200:00:00:00' },
      { expires: 'tomorrow' },
    ];
    for (const headers of bad) {
      await expect(
        call(scanner, 'POST /transfer', { group_id: opened.groupId, ...headers }),
      ).resolves.toMatchObject({ status: 401 });
    }
    await expect(
      call(scanner, 'POST /transfer', { group_id: opened.groupId, expires_after: '00:01:00:00' }),
    ).resolves.toMatchObject({ status: 200 });
  });

  test('a file is gone once it has expired', async () => {
    const after = await upload(scanner, 'brief.txt', Buffer.from('x'), {
      complete: { expires_after: '00:01:00:00' },
    });
    const at = new Date(time + 3_600_000).toISOString();
    const until = await upload(scanner, 'brief2.txt', Buffer.from('x'), { complete: { expires: at } });
    for (const { fileId } of [after, until]) {
      await expect(call(scanner, `GET /file/${fileId}`)).resolves.toMatchObject({ status: 200 });
    }
    time += 3_600_000;
    for (const { fileId } of [after, until]) {
      const { body } = await call(scanner, `GET /file/status/${fileId}`);
      expect(body).toMatchObject({ availability_state: 'Expired', can_be_downloaded: false });
      await expect(call(scanner, `GET /file/${fileId}`)).resolves.toMatchObject({ status: 404 });
    }
    await expect(call(scanner, 'GET /files/my/0/10', { find: 'brief' })).resolves.toMatchObject({
      body: { filter_count: 0 },
    });
  });
});

test('a name that its owner has already gets -Copy(n) after the upload', async () => {
  const names: string[] = [];
  for (let n = 0; n < 3; n += 1) {
    const { fileId } = await upload(scanner, 'order.tar.gz', Buffer.from(String(n)));
    names.push((await call(scanner, `GET /file/status/${fileId}`)).body.name);
  }
  expect(names).toEqual(['order.tar.gz', 'order.tar-Copy(1).gz', 'order.tar-Copy(2).gz']);
  const long = `${'n'.repeat(252)}.gz`;
  await upload(scanner, long, Buffer.from('a'));
  const { fileId } = await upload(scanner, long, Buffer.from('b'));
  expect((await call(scanner, `GET /file/status/${fileId}`)).body.name).toBe(long);
  const other = await upload(scanner, 'order.tar.gz', Buffer.from('c'), { key: USER_KEY });
  expect((await call(scanner, `GET /file/status/${other.fileId}`)).body.name).toBe('order.tar.gz');
});

test('names beyond ASCII arrive as UTF-8, percent signs stay as they are', async () => {
  const latin1 = Buffer.from('Grüße-你好.txt', 'utf8').toString('latin1');
  const { fileId } = await upload(scanner, latin1, Buffer.from('x'));
  expect((await call(scanner, `GET /file/status/${fileId}`)).body.name).toBe('Grüße-你好.txt');
  const percent = await upload(scanner, 'a%20b.txt', Buffer.from('x'));
  expect((await call(scanner, `GET /file/status/${percent.fileId}`)).body.name).toBe('a%20b.txt');
});
