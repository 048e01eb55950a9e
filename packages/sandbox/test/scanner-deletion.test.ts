import { startMetaDefenderSandbox, type MetaDefenderSandbox } from '../src/scanner/metadefender-sandbox';
import { call, upload } from './scanner-kit';

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

describe('deletion', () => {
  test('is soft: no body, the file leaves lists and download, its id stays known', async () => {
    const { fileId } = await upload(scanner, 'a.txt', Buffer.from('a'));
    const deleted = await call(scanner, `DELETE /file/${fileId}`);
    expect(deleted).toMatchObject({ status: 200 });
    expect(deleted.bytes.length).toBe(0);
    await expect(call(scanner, `GET /file/${fileId}`)).resolves.toMatchObject({ status: 404 });
    expect(await status(fileId)).toMatchObject({ availability_state: 'Deleted', can_be_downloaded: false });
    expect((await call(scanner, 'GET /files/my/0/9')).body.filter_count).toBe(0);
    const asked = await call(scanner, 'GET /files/my/0/9', { AvailabilityState: 'Deleted, Blocked' });
    expect(asked.body.filter_count).toBe(1);
    await expect(call(scanner, `DELETE /file/${fileId}`)).resolves.toMatchObject({
      status: 404,
      body: { ui_message_key: 'API_CANNOTDELETEFILENOTFOUND', status_code: 'NotFound' },
    });
    // The name is free again.
    const again = await upload(scanner, 'a.txt', Buffer.from('a'));
    expect(await status(again.fileId)).toMatchObject({ name: 'a.txt' });
  });

  test('is for the owner and for administrators', async () => {
    const { fileId } = await upload(scanner, 'a.txt', Buffer.from('a'), { key: USER_KEY });
    const request = `DELETE /file/${fileId}` as const;
    await expect(call(scanner, request, {}, undefined, OTHER_KEY)).resolves.toMatchObject({ status: 403 });
    await expect(call(scanner, request)).resolves.toMatchObject({ status: 200 });
  });

  test('of many answers 200 with a result for each, in two shapes', async () => {
    const [a, b, c] = await Promise.all(
      ['a', 'b', 'c'].map((name) => upload(scanner, name, Buffer.from(name))),
    );
    const good = await call(scanner, 'DELETE /files', {}, JSON.stringify([a!.fileId, b!.fileId]));
    expect(good).toMatchObject({ status: 200, body: { final_result: 0, success_counter: 2 } });
    expect(good.body.results[0]).toEqual({
      message: null,
      result: 'Success',
      ui_message_key: null,
      FolderName: null,
      Guid: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
      Result: 4,
    });
    const mixed = await call(scanner, 'DELETE /files', {}, JSON.stringify([a!.fileId, c!.fileId]));
    expect(mixed).toMatchObject({
      status: 200,
      body: {
        results: [
          { Key: expect.any(String), Value: { ui_message_key: 'API_CANNOTDELETEFILENOTFOUND' } },
          { Key: expect.any(String), Value: { message: null, ui_message_key: null } },
        ],
        success_counter: 1,
      },
    });
    await expect(call(scanner, 'DELETE /files', {}, '{}')).resolves.toMatchObject({ status: 401 });
  });
});

test('an unknown address and a broken one are answered in the shape of all errors', async () => {
  await expect(call(scanner, 'GET /nothing')).resolves.toMatchObject({
    status: 404,
    body: { message: expect.any(String), ui_message_key: null, status_code: 'NotFound' },
  });
  await expect(call(scanner, 'GET /file/%E0%A4%A')).resolves.toMatchObject({
    status: 400,
    body: { status_code: 'BadRequest' },
  });
});
