import { startMetaDefenderSandbox, type MetaDefenderSandbox } from '../src/scanner/metadefender-sandbox';
import { call, ids, md5, openFile, upload } from './scanner-kit';

let scanner: MetaDefenderSandbox;
beforeEach(async () => {
  scanner = await startMetaDefenderSandbox({ seed: 7 });
});
afterEach(() => scanner.close());

// Reference 8: {message, ui_message_key, status_code} with .NET's name of the status; 429 and Retry-After are not
// documented, "honour if present".
test.each([
  [429, 'TooManyRequests'],
  [500, 'InternalServerError'],
  [503, 'ServiceUnavailable'],
])('a fault with status %i is worded as the scanner words its errors', async (status, name) => {
  const fault = scanner.faults.add({
    on: 'GET /vault_rest/version',
    fault: { kind: 'status', status, retryAfter: { seconds: 2 } },
    times: 1,
  });
  const answer = await call(scanner, 'GET /version');
  expect(answer).toMatchObject({
    status,
    body: { message: expect.any(String), ui_message_key: null, status_code: name },
  });
  expect(answer.headers.get('retry-after')).toBe('2');
  await expect(call(scanner, 'GET /version')).resolves.toMatchObject({ status: 200 });
  expect(fault.hits).toBe(1);
  expect(scanner.faults.seed).toBe(7);
});

// Reference 4: a lost reply to step 1 leaves an orphan group; an own group_id finds it again.
test('the lost answer to GET /transfer left a group that its id finds again', async () => {
  scanner.faults.add({ on: 'GET /vault_rest/transfer', fault: { kind: 'lost-answer' }, times: 1 });
  const group_id = 'cd'.repeat(16);
  await expect(call(scanner, 'GET /transfer', { group_id })).rejects.toThrow('fetch failed');
  await expect(call(scanner, 'GET /transfer', { group_id })).resolves.toMatchObject({ body: { group_id } });
});

// Reference 4: a chunk is sent again at the same offset (inferred); here its answer was lost after the work was done.
test('a chunk whose answer was lost may come again; the completed upload is one file', async () => {
  const content = Buffer.from('hello');
  const opened = await openFile(scanner, 'a.txt', content.length);
  const headers = { ...ids(opened), chunk_offset: '0', chunk_checksum: md5(content) };
  scanner.faults.add({ on: 'PATCH /vault_rest/transfer_file', fault: { kind: 'lost-answer' }, times: 1 });
  await expect(call(scanner, 'PATCH /transfer_file', headers, content)).rejects.toThrow();
  await expect(call(scanner, 'PATCH /transfer_file', headers, content)).resolves.toMatchObject({
    status: 200,
  });
  await call(scanner, 'POST /transfer_file', ids(opened));
  scanner.faults.add({ on: 'POST /vault_rest/transfer', fault: { kind: 'lost-answer' }, times: 1 });
  await expect(call(scanner, 'POST /transfer', { group_id: opened.groupId })).rejects.toThrow();
  await expect(call(scanner, 'POST /transfer', { group_id: opened.groupId })).resolves.toMatchObject({
    status: 400,
  });
  expect(scanner.files.map(({ fileId }) => fileId)).toEqual([opened.fileId]);
});

test('a chunk that was cut off does not count', async () => {
  const opened = await openFile(scanner, 'a.bin', 100_000);
  scanner.faults.add({
    on: 'PATCH /vault_rest/transfer_file',
    fault: { kind: 'reset', when: 'mid-body', afterBytes: 10 },
    times: 1,
  });
  const patch = () =>
    call(scanner, 'PATCH /transfer_file', { ...ids(opened), chunk_offset: '0' }, Buffer.alloc(100_000));
  await expect(patch()).rejects.toThrow();
  await expect(call(scanner, 'POST /transfer_file', ids(opened))).resolves.toMatchObject({ status: 400 });
  await expect(patch()).resolves.toMatchObject({ status: 200 });
  await expect(call(scanner, 'POST /transfer_file', ids(opened))).resolves.toMatchObject({ status: 200 });
});

test('a key is refused early, for good, with either of the odd statuses; another one works', async () => {
  scanner.faults.add({
    on: 'GET /vault_rest/root_folder',
    fault: { kind: 'reject-token', status: 403, forGood: true },
    times: 1,
  });
  await expect(call(scanner, 'GET /root_folder')).resolves.toMatchObject({ status: 403 });
  await expect(call(scanner, 'GET /version')).resolves.toMatchObject({ status: 403 });
});

test('a truncated download is seen as cut, not as whole', async () => {
  const { fileId } = await upload(scanner, 'a.bin', Buffer.alloc(50_000));
  scanner.faults.add({ on: 'GET /vault_rest/file/{file_id}', fault: { kind: 'truncate' }, times: 1 });
  await expect(call(scanner, `GET /file/${fileId}`)).rejects.toThrow();
  const { bytes } = await call(scanner, `GET /file/${fileId}`);
  expect(bytes.length).toBe(50_000);
});
