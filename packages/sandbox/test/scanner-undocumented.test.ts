import { request } from 'node:http';
import { startMetaDefenderSandbox, type MetaDefenderSandbox } from '../src/scanner/metadefender-sandbox';
import type { ScannerUndocumented } from '../src/index';
import { call, ids, login, openFile, upload } from './scanner-kit';

// Reference, sections 5 and 11, and the supplement: what no page says. A client has to bear either answer.
let scanner: MetaDefenderSandbox;
let now = Date.UTC(2026, 0, 5, 8);
beforeEach(async () => {
  scanner = await startMetaDefenderSandbox({
    clock: () => now,
    users: [
      { username: 'ann', password: 'pw' },
      { username: 'bob', password: 'pw' },
    ],
  });
});
afterEach(() => scanner.close());

const set = (undocumented: Partial<ScannerUndocumented>): void => scanner.change({ undocumented });

test.each(['new', 'same'] as const)('3: an extended key is %s', async (extendedKey) => {
  set({ extendedKey });
  const { token } = (await call(scanner, 'GET /authenticate', login('ann\r\npw'), undefined, null)).body;
  const extended = (await call(scanner, 'PUT /token', { ExtendBy: '02:00:00' }, undefined, token)).body;
  expect(extended.token === token).toBe(extendedKey === 'same');
  now += 3_600_000;
  const used = await call(scanner, 'GET /version', {}, undefined, extended.token);
  expect(used.status).toBe(200);
});

test.each([
  ['by-page', 401, 403],
  [401, 401, 401],
  [403, 403, 403],
] as const)('4: a dead key is answered %s', async (refusedKey, young, old) => {
  set({ refusedKey });
  expect((await call(scanner, 'GET /version', {}, undefined, 'dead')).status).toBe(young);
  expect((await call(scanner, 'GET /transfer', {}, undefined, 'dead')).status).toBe(old);
});

/** Header bytes as they are given: fetch would refuse them. */
function nameOf(groupId: string, raw: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = {
      Authorization: `Bearer ${scanner.apiKey}`,
      group_id: groupId,
      transfer_method: 'Chunk',
      file_size: '0',
      file_name: raw,
    };
    request(`${scanner.url}/vault_rest/transfer_file`, { headers }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () => {
        const { file_id: fileId } = JSON.parse(Buffer.concat(parts).toString()) as { file_id: string };
        (async () => {
          await call(scanner, 'POST /transfer_file', { group_id: groupId, file_id: fileId });
          await call(scanner, 'POST /transfer', { group_id: groupId });
          return (await call(scanner, `GET /file/status/${fileId}`)).body.name as string;
        })().then(resolve, reject);
      });
    })
      .on('error', reject)
      .end();
  });
}

const latin1 = (text: string): string => Buffer.from(text).toString('latin1');
test.each([
  ['utf-8', latin1('Überweisung.txt'), 'Überweisung.txt'],
  ['utf-8', '%C3%9C.txt', '%C3%9C.txt'],
  ['latin-1', 'Über.txt', 'Über.txt'],
  ['latin-1', latin1('Ü.txt'), latin1('Ü.txt')],
  ['percent', encodeURIComponent('Ü 中.txt'), 'Ü 中.txt'],
  ['percent', '100%.txt', '100%.txt'],
] as const)('5: header text read as %s: %j', async (headerText, sent, name) => {
  set({ headerText });
  const { group_id: groupId } = (await call(scanner, 'GET /transfer')).body;
  expect(await nameOf(groupId as string, sent)).toBe(name);
});

test.each([
  ['either', 'ann,bob', 200],
  ['either', 'ann;bob', 200],
  [',', 'ann,bob', 200],
  [',', 'ann;bob', 401],
  [';', 'ann;bob', 200],
  [';', 'ann,bob', 401],
] as const)('6: names of share_with are parted by %s: %s', async (shareSeparator, share_with, status) => {
  set({ shareSeparator });
  const answer = await call(scanner, 'GET /transfer', { share_with });
  expect(answer.status).toBe(status);
  if (status === 200) expect(answer.body.shared_with).toHaveLength(2);
});

test.each(['file_id', 'FileId', 'id'] as const)('7: step 2 answers the id as %s', async (fileIdKey) => {
  set({ fileIdKey });
  const { group_id } = (await call(scanner, 'GET /transfer')).body;
  const parameters = { group_id, transfer_method: 'Chunk', file_size: '1', file_name: 'a' };
  const { body } = await call(scanner, 'GET /transfer_file', parameters);
  expect(body).toEqual({ [fileIdKey]: expect.stringMatching(/^[0-9a-f]{32}$/) });
});

test('7: steps 3 and 4 answer nothing at all', async () => {
  set({ uploadReplies: 'empty' });
  const opened = await openFile(scanner, 'a.txt', 1);
  const chunk = await call(scanner, 'PATCH /transfer_file', { ...ids(opened), chunk_offset: '0' }, 'x');
  const end = await call(scanner, 'POST /transfer_file', ids(opened));
  for (const { status, bytes } of [chunk, end]) expect([status, bytes.length]).toEqual([200, 0]);
});

test('a range is not served', async () => {
  set({ range: 'ignored' });
  const { fileId } = await upload(scanner, 'a.txt', Buffer.from('abcdef'));
  const answer = await call(scanner, `GET /file/${fileId}`, { Range: 'bytes=2-3' });
  expect([answer.status, answer.bytes.toString()]).toEqual([200, 'abcdef']);
  expect(answer.headers.get('accept-ranges')).toBeNull();
});

test('12: folder_content as { filter_count, items }', async () => {
  set({ folderContent: 'filter_count' });
  await call(scanner, 'POST /folder', {}, JSON.stringify({ name: 'in', path: '' }));
  const { fileId } = await upload(scanner, 'a.txt', Buffer.from('a'));
  const { folder_id: root } = (await call(scanner, 'GET /root_folder')).body;
  const { body } = await call(scanner, `GET /folder_content/${String(root)}/0/10`);
  expect(body.filter_count).toBe(2);
  expect(body.items).toEqual([
    expect.objectContaining({ name: 'in', folder_id: expect.any(String) }),
    expect.objectContaining({ file_id: fileId, availability_state: 'Available' }),
  ]);
});

test.each(['none', 'named'] as const)('19: keys of limits: %s', async (limitKeys) => {
  scanner.change({ capacity: { fileBytes: 10, storageBytes: 5 }, undocumented: { limitKeys } });
  const { group_id } = (await call(scanner, 'GET /transfer')).body;
  const announce = async (file_size: string): Promise<unknown> => {
    const parameters = { group_id, transfer_method: 'Chunk', file_name: 'a', file_size };
    return (await call(scanner, 'GET /transfer_file', parameters)).body.ui_message_key;
  };
  const [size, quota] = [await announce('11'), await announce('6')];
  if (limitKeys === 'none') expect([size, quota]).toEqual([null, null]);
  else {
    expect(size).toMatch(/SIZE/);
    expect(quota).toMatch(/QUOTA/);
  }
});

test('20: the version is a text', async () => {
  set({ version: 'text' });
  expect((await call(scanner, 'GET /version')).body).toBe('3.11.5');
});

test('duplicate names stay as they are', async () => {
  set({ duplicateNames: 'keep' });
  const names = [];
  for (const content of ['a', 'b']) {
    const { fileId } = await upload(scanner, 'same.txt', Buffer.from(content));
    names.push((await call(scanner, `GET /file/status/${fileId}`)).body.name);
  }
  expect(names).toEqual(['same.txt', 'same.txt']);
});

test.each([
  ['kept', 'Blocked'],
  ['Allowed', 'Allowed'],
] as const)('the result of a lifted block is %s', async (liftedResult, expected) => {
  set({ liftedResult });
  scanner.script('bad.txt', { verdict: 'blocked' });
  const { fileId } = await upload(scanner, 'bad.txt', Buffer.from('a'));
  const result = async (): Promise<unknown> =>
    (await call(scanner, `GET /file/status/${fileId}`)).body.scan_result.workflow_result;
  expect(await result()).toBe('Blocked');
  scanner.operator.lift(fileId);
  expect(await result()).toBe(expected);
  scanner.operator.restore(fileId);
  expect(await result()).toBe('Blocked');
});

test.each([400, 200] as const)('a move that fails is a bare array with %d', async (moveFailure) => {
  set({ moveFailure });
  const body = JSON.stringify({ files: [{ file_id: 'ab'.repeat(16), name: 'a' }], new_path: '' });
  const answer = await call(scanner, 'PUT /move_files', {}, body);
  expect(answer.status).toBe(moveFailure);
  expect(answer.body).toEqual([
    { message: expect.any(String), ui_message_key: 'API_FILE_UPDATE_NO_FILE_FOUND' },
  ]);
});

test('a choice that there is not is refused', () => {
  expect(() => scanner.change({ undocumented: { range: 'maybe' } as never })).toThrow(
    '`undocumented.range` must be one of "served", "ignored"',
  );
});
