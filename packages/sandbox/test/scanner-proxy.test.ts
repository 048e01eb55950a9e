import { startMetaDefenderSandbox, type MetaDefenderSandbox } from '../src/scanner/metadefender-sandbox';
import { call, ids, openFile, upload } from './scanner-kit';

let scanner: MetaDefenderSandbox;
beforeEach(async () => {
  scanner = await startMetaDefenderSandbox();
});
afterEach(() => scanner.close());

// Reference 3: stock nginx (`underscores_in_headers off`) drops them => typical symptom "invalid parameter", 401 or 400.
test('a proxy that drops headers with underscores looks like a missing parameter', async () => {
  scanner.change({ proxy: { underscoreHeaders: 'dropped' } });
  const group = await call(scanner, 'GET /transfer', { group_id: 'ab'.repeat(16) });
  // Without its group_id this call works all the same, and opens another group than the client believes.
  expect(group).toMatchObject({ status: 200 });
  expect(group.body.group_id).not.toBe('ab'.repeat(16));
  const headers = { group_id: group.body.group_id, transfer_method: 'Chunk', file_size: '1', file_name: 'a' };
  await expect(call(scanner, 'GET /transfer_file', headers)).resolves.toMatchObject({
    status: 401,
    body: { message: 'Invalid parameter: group_id', status_code: 'Unauthorized' },
  });
  const { body } = await call(scanner, 'GET /root_folder');
  // A page of 2021, so here it is a 400; `findB64` has no underscore and goes through.
  const search = `GET /folder_search/${body.folder_id}/0/9` as const;
  await expect(call(scanner, search, { find: 'a', sort_column: 'colour' })).resolves.toMatchObject({
    status: 200,
  });
  scanner.change({ proxy: { underscoreHeaders: 'kept' } });
  await expect(call(scanner, search, { find: 'a', sort_column: 'colour' })).resolves.toMatchObject({
    status: 400,
  });
});

test('without skip_notify, which such a proxy drops, a download sends its mail', async () => {
  const { fileId } = await upload(scanner, 'a.txt', Buffer.from('a'));
  scanner.change({ proxy: { underscoreHeaders: 'dropped' } });
  await call(scanner, `GET /file/${fileId}`, { skip_notify: '1' });
  expect(scanner.files[0]?.notifications).toBe(1);
});

// Reference 1: expect nginx errors that are HTML, not JSON (413, 502, 504).
test('a body above the proxy limit is a 413 in HTML, and the chunk may come again in smaller pieces', async () => {
  const opened = await openFile(scanner, 'a.bin', 2000);
  scanner.change({ proxy: { bodyBytes: 1000 } });
  const patch = (offset: number, bytes: number) =>
    call(
      scanner,
      'PATCH /transfer_file',
      { ...ids(opened), chunk_offset: String(offset) },
      Buffer.alloc(bytes),
    );
  const refused = await patch(0, 1001);
  expect(refused.status).toBe(413);
  expect(refused.headers.get('content-type')).toContain('text/html');
  expect(refused.bytes.toString()).toContain('413 Request Entity Too Large');
  await expect(patch(0, 1000)).resolves.toMatchObject({ status: 200 });
  await expect(patch(1000, 1000)).resolves.toMatchObject({ status: 200 });
  await expect(call(scanner, 'POST /transfer_file', ids(opened))).resolves.toMatchObject({ status: 200 });
});

test.each([
  [502, 'Bad Gateway'],
  [503, 'Service Temporarily Unavailable'],
  [504, 'Gateway Time-out'],
] as const)(
  'while the scanner is away the proxy answers %i in HTML, and the scanner sees nothing',
  async (down, title) => {
    scanner.change({ proxy: { down } });
    const answer = await call(scanner, 'GET /version');
    expect([answer.status, answer.body]).toEqual([down, undefined]);
    expect(answer.bytes.toString()).toContain(title);
    expect(scanner.calls).toEqual({});
    scanner.change({ proxy: { down: null } });
    await expect(call(scanner, 'GET /version')).resolves.toMatchObject({ status: 200 });
  },
);
