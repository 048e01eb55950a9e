import { startMetaDefenderSandbox, type MetaDefenderSandbox } from '../src/scanner/metadefender-sandbox';
import type { SettingsChange } from '../src/scanner/settings';
import { call, ids, openFile, upload } from './scanner-kit';

const KEY = 'u'.repeat(30);
let time = Date.UTC(2026, 0, 2);
let scanner: MetaDefenderSandbox;

async function start(settings: SettingsChange, uploaderGroups = 1): Promise<void> {
  scanner = await startMetaDefenderSandbox({
    users: [{ username: 'bridge', password: 'b', uploaderGroups }],
    apiKeys: [{ key: KEY, username: 'bridge' }],
    scanTimeMs: 1000,
    clock: () => time,
    settings,
  });
}
afterEach(() => scanner.close());

const announce = async (size: number) => {
  const { body } = await call(scanner, 'GET /transfer');
  const headers = { transfer_method: 'Chunk', file_size: String(size), file_name: 'a.bin' };
  return call(scanner, 'GET /transfer_file', { ...headers, group_id: body.group_id });
};
const stateOf = async (fileId: string): Promise<string> =>
  (await call(scanner, `GET /file/status/${fileId}`)).body.availability_state;

// Reference 4, group ambiguity: 400 with this very body when the user has zero or several uploader-enabled groups.
test.each([0, 2])(
  'a user with %i uploader groups cannot open a transfer, unless none needs to be named',
  async (groups) => {
    await start({}, groups);
    await expect(call(scanner, 'GET /transfer')).resolves.toMatchObject({
      status: 400,
      body: {
        message: 'The file uploader group is required',
        ui_message_key: 'UPLOAD_FILE_UPLOADER_GROUP_IS_REQUIRED',
        status_code: 'BadRequest',
      },
    });
    // Supplement 4: "Allow Users to Upload Files Without Specifying Group Membership" is the cure.
    scanner.change({ uploadWithoutGroup: true });
    await expect(call(scanner, 'GET /transfer')).resolves.toMatchObject({ status: 200 });
  },
);

// Supplement 4: administrators may limit single file size and total storage per user; the error keys are unknown.
test('a file above the limit is refused when it is announced', async () => {
  await start({ capacity: { fileBytes: 10 } });
  await expect(announce(10)).resolves.toMatchObject({ status: 200 });
  await expect(announce(11)).resolves.toMatchObject({
    status: 400,
    body: { status_code: 'BadRequest', ui_message_key: null, message: expect.stringContaining('10 bytes') },
  });
});

test('a quota counts what is stored and what is announced, and gets free again', async () => {
  await start({ capacity: { storageBytes: 10 } });
  const { fileId } = await upload(scanner, 'a.bin', Buffer.alloc(6));
  const opened = await openFile(scanner, 'b.bin', 4);
  await expect(announce(1)).resolves.toMatchObject({ status: 400, body: { ui_message_key: null } });
  await call(scanner, 'DELETE /transfer', { group_id: opened.groupId });
  await expect(announce(5)).resolves.toMatchObject({ status: 400 });
  await expect(announce(4)).resolves.toMatchObject({ status: 200 });
  await call(scanner, `DELETE /file/${fileId}`);
  await expect(announce(6)).resolves.toMatchObject({ status: 200 });
});

// Reference 5.1: `QueuedForProcessing` is a state; how many scans run at a time is the scanner's affair.
test('files beyond the number of scans at a time wait in the queue, and have their turn by the clock', async () => {
  await start({ capacity: { scans: 1 } });
  const files = [];
  for (const name of ['a', 'b', 'c']) files.push((await upload(scanner, name, Buffer.from(name))).fileId);
  time += 999;
  expect(await Promise.all(files.map(stateOf))).toEqual([
    'BeingProcessed',
    'QueuedForProcessing',
    'QueuedForProcessing',
  ]);
  time += 1;
  expect(await Promise.all(files.map(stateOf))).toEqual(['Available', 'Composing', 'QueuedForProcessing']);
  time += 1000;
  expect(await Promise.all(files.map(stateOf))).toEqual(['Available', 'Available', 'Composing']);
  time += 1000;
  expect(await stateOf(files[2]!)).toBe('Available');
});

// Reference 8: 503 stands in the product's status list; 9: MetaDefender Core answers a full queue with it.
test('a full queue is a 503, and the same transfer can be completed later', async () => {
  await start({ capacity: { scans: 1, queue: 1 } });
  await upload(scanner, 'scanned', Buffer.from('a'));
  await upload(scanner, 'queued', Buffer.from('b'));
  const late = await openFile(scanner, 'late', 0);
  await call(scanner, 'POST /transfer_file', ids(late));
  const complete = () => call(scanner, 'POST /transfer', { group_id: late.groupId });
  await expect(complete()).resolves.toMatchObject({
    status: 503,
    body: { status_code: 'ServiceUnavailable', ui_message_key: null },
  });
  await expect(call(scanner, `GET /file/status/${late.fileId}`)).resolves.toMatchObject({ status: 404 });
  time += 1000;
  await expect(complete()).resolves.toMatchObject({ status: 200 });
  expect(await stateOf(late.fileId)).toBe('Composing');
});
