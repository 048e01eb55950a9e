import { randomBytes } from 'node:crypto';
import { startMetaDefenderSandbox, type MetaDefenderSandbox } from '../src/scanner/metadefender-sandbox';
import { eicar } from '../src/scanner/engine/needle-search';
import { call, sha256, upload, zip } from './scanner-kit';

let scanner: MetaDefenderSandbox;
const USER_KEY = 'u'.repeat(30);
const OTHER_KEY = 'o'.repeat(30);

beforeEach(async () => {
  scanner = await startMetaDefenderSandbox({
    users: [
      { username: 'root', password: 'r', role: 'Administrator' },
      { username: 'bridge', password: 'b' },
      { username: 'other', password: 'o' },
    ],
    apiKeys: ['k'.repeat(30), { key: USER_KEY, username: 'bridge' }, { key: OTHER_KEY, username: 'other' }],
    clock: () => Date.UTC(2026, 0, 2),
  });
});
afterEach(() => scanner.close());

const status = async (fileId: string, key = scanner.apiKey) =>
  (await call(scanner, `GET /file/status/${fileId}`, {}, undefined, key)).body;

describe('status', () => {
  test('of an allowed file has the fields of the 2021 page', async () => {
    const { fileId } = await upload(scanner, 'order.edi', Buffer.from('ISA*00'));
    expect(await status(fileId)).toEqual({
      administrator_approval_state: 'ApprovalDisabled',
      availability_state: 'Available',
      availability_state_key: 'FILE_STATE_AVAILABLE',
      can_be_deleted: true,
      can_be_downloaded: true,
      can_be_rescanned: true,
      current_approval_count: 0,
      file_id: fileId,
      is_locked: false,
      is_sanitized: false,
      name: 'order.edi',
      processing_state: 'Processed',
      required_approval_count: 1,
      scan_result: { actions_failed: '', blocked_reason: '', workflow_result: 'Allowed' },
      supervisor_approval_state: 'ApprovalDisabled',
      unlock_eta: null,
      first_upload_time: '2026-01-02T00:00:00.0000000',
      is_file_owned: true,
      path: '',
      size: 6,
    });
  });

  test('of an infected file is Blocked, and it cannot be downloaded', async () => {
    const content = Buffer.concat([Buffer.from('a'), eicar()]);
    const { fileId } = await upload(scanner, 'e.com', content);
    expect(await status(fileId)).toMatchObject({
      availability_state: 'Blocked',
      can_be_downloaded: false,
      is_sanitized: false,
      scan_result: { actions_failed: '', blocked_reason: 'Infected', workflow_result: 'Blocked' },
    });
    await expect(call(scanner, `GET /file/${fileId}`)).resolves.toMatchObject({ status: 403 });
    expect(scanner.verdictOf(sha256(content))).toBe('blocked');
  });

  test('of an encrypted ZIP is ProcessingFailed with its reason and without a result', async () => {
    const { fileId } = await upload(
      scanner,
      'locked.zip',
      await zip({ 'a.txt': Buffer.from('a') }, 'secret'),
    );
    expect(await status(fileId)).toMatchObject({
      availability_state: 'ProcessingFailed',
      can_be_downloaded: false,
      scan_result: {
        actions_failed: 'Archive Extraction Failed',
        blocked_reason: 'Encrypted Archive',
        workflow_result: '',
      },
    });
  });

  test('of a sanitized file, its size and its download are those of the sanitized bytes', async () => {
    const source = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>1</script><g/></svg>');
    const { fileId } = await upload(scanner, 'logo.svg', source);
    const { bytes } = await call(scanner, `GET /file/${fileId}`);
    expect(bytes.toString()).toBe('<svg xmlns="http://www.w3.org/2000/svg"><g/></svg>');
    expect(await status(fileId)).toMatchObject({
      availability_state: 'Available',
      availability_state_key: 'FILE_STATE_SANITIZED',
      is_sanitized: true,
      can_be_downloaded: true,
      size: bytes.length,
      scan_result: { workflow_result: 'Allowed', actions_failed: '' },
    });
    expect(scanner.scanned).toEqual([
      {
        fileId,
        name: 'logo.svg',
        sha256: sha256(source),
        size: source.length,
        verdict: 'sanitized',
        reason: 'removed script (1)',
        sanitizedSha256: sha256(bytes),
        sanitizedSize: bytes.length,
      },
    ]);
    expect(scanner.files).toMatchObject([
      { sha256: sha256(source), sanitized: { sha256: sha256(bytes), size: bytes.length } },
    ]);
  });

  test('is a 404 for an unknown file and a 401 for somebody who may not see it', async () => {
    await expect(call(scanner, 'GET /file/status/abc')).resolves.toMatchObject({
      status: 404,
      body: { status_code: 'NotFound', ui_message_key: 'API_FILE_NOT_FOUND' },
    });
    const { fileId } = await upload(scanner, 'a.txt', Buffer.from('a'), { key: USER_KEY });
    const request = `GET /file/status/${fileId}` as const;
    await expect(call(scanner, request, {}, undefined, OTHER_KEY)).resolves.toMatchObject({ status: 401 });
    await expect(call(scanner, `GET /file/${fileId}`, {}, undefined, OTHER_KEY)).resolves.toMatchObject({
      status: 403,
    });
    expect(await status(fileId, USER_KEY)).toMatchObject({ is_file_owned: true });
    expect(await status(fileId)).toMatchObject({ is_file_owned: false, can_be_deleted: true });
  });
});

describe('download', () => {
  test('returns the bytes, whole or a range', async () => {
    const content = randomBytes(900_000);
    const { fileId } = await upload(scanner, 'noise.bin', content);
    const whole = await call(scanner, `GET /file/${fileId}`);
    expect(whole.status).toBe(200);
    expect(whole.headers.get('content-length')).toBe('900000');
    expect(whole.headers.get('content-type')).toBe('application/octet-stream');
    expect(sha256(whole.bytes)).toBe(sha256(content));
    const ranges = [
      ['bytes=100-199', 100, 200],
      ['bytes=800000-', 800_000, 900_000],
      ['bytes=-10', 899_990, 900_000],
      ['bytes=899999-9999999', 899_999, 900_000],
    ] as const;
    for (const [Range, start, end] of ranges) {
      const answer = await call(scanner, `GET /file/${fileId}`, { Range });
      expect(answer.status).toBe(206);
      expect(answer.headers.get('content-range')).toBe(`bytes ${start}-${end - 1}/900000`);
      expect(answer.bytes.equals(content.subarray(start, end))).toBe(true);
    }
    await expect(call(scanner, `GET /file/${fileId}`, { Range: 'bytes=900000-' })).resolves.toMatchObject({
      status: 416,
    });
    await expect(call(scanner, `GET /file/${fileId}`, { Range: 'lines=1-2' })).resolves.toMatchObject({
      status: 200,
    });
  });

  test('sends a mail, unless skip_notify is 1', async () => {
    const { fileId } = await upload(scanner, 'a.txt', Buffer.from('a'));
    await call(scanner, `GET /file/${fileId}`, { skip_notify: '1' });
    expect(scanner.files[0]?.notifications).toBe(0);
    await call(scanner, `GET /file/${fileId}`, { skip_notify: '0' });
    await call(scanner, `GET /file/${fileId}`);
    expect(scanner.files[0]?.notifications).toBe(2);
  });
});

describe('lists', () => {
  test('count after the filter, page by start and count, sort by header', async () => {
    for (const [name, size] of [
      ['b.txt', 3],
      ['a.txt', 2],
      ['Übersicht.txt', 1],
    ] as const) {
      const sent = Buffer.from(name, 'utf8').toString('latin1');
      await upload(scanner, sent, Buffer.alloc(size), { key: USER_KEY });
    }
    const list = async (path: string, headers: Record<string, string> = {}, key = USER_KEY) =>
      (await call(scanner, `GET /files/${path}`, headers, undefined, key)).body;
    const names = (body: { items: { name: string }[] }): string[] => body.items.map(({ name }) => name);
    const page = await list('my/1/1', { sort_column: 'name' });
    expect(page.filter_count).toBe(3);
    expect(names(page)).toEqual(['b.txt']);
    expect(names(await list('my/0/9', { sort_column: 'size', sort_direction: 'desc' }))).toEqual([
      'b.txt',
      'a.txt',
      'Übersicht.txt',
    ]);
    expect(await list('my/0/9', { find: 'A.TX' })).toMatchObject({
      filter_count: 1,
      items: [{ name: 'a.txt', size: 2 }],
    });
    const encoded = Buffer.from('übersicht').toString('base64');
    expect(names(await list('my/0/9', { find: 'a.txt', findB64: encoded }))).toEqual(['Übersicht.txt']);
    expect((await list('my/0/9', {}, scanner.apiKey)).filter_count).toBe(0);
    expect((await list('all/0/9', {}, scanner.apiKey)).filter_count).toBe(3);
    expect((await list('all/0/9', {}, OTHER_KEY)).filter_count).toBe(0);
    const [item] = (await list('my/0/1')).items;
    expect(Object.keys(item)).toEqual([...Object.keys(item)].sort());
    expect(item).toMatchObject({
      file_id: expect.any(String),
      creation_date: '2026-01-02T00:00:00.0000000Z',
      availability_state: 'Available',
      can_access_scan_results: true,
    });
  });

  test('refuse another type, a negative page and an unknown column with 401', async () => {
    for (const path of ['their/0/1', 'my/-1/1', 'my/0/many'] as const) {
      await expect(call(scanner, `GET /files/${path}`)).resolves.toMatchObject({ status: 401 });
    }
    await expect(call(scanner, 'GET /files/my/0/1', { sort_column: 'colour' })).resolves.toMatchObject({
      status: 401,
    });
  });

  test('show files that were shared only under all', async () => {
    const group = await call(scanner, 'GET /transfer', { share_with: 'other' }, undefined, USER_KEY);
    const group_id: string = group.body.group_id;
    const file = await call(
      scanner,
      'GET /transfer_file',
      { group_id, transfer_method: 'Chunk', file_size: '0', file_name: 'a.txt', path: '/in/today/' },
      undefined,
      USER_KEY,
    );
    const headers = { group_id, file_id: file.body.file_id as string };
    await call(scanner, 'POST /transfer_file', headers, undefined, USER_KEY);
    await call(scanner, 'POST /transfer', headers, undefined, USER_KEY);
    expect((await call(scanner, 'GET /files/all/0/9', {}, undefined, OTHER_KEY)).body.filter_count).toBe(1);
    expect((await call(scanner, 'GET /files/my/0/9', {}, undefined, OTHER_KEY)).body.filter_count).toBe(0);
    expect(await status(headers.file_id, OTHER_KEY)).toMatchObject({
      path: 'in\\today',
      is_file_owned: false,
    });
  });
});
