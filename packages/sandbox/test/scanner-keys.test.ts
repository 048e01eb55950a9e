import { startMetaDefenderSandbox, type MetaDefenderSandbox } from '../src/scanner/metadefender-sandbox';
import type { MetaDefenderSandboxOptions } from '../src/scanner/scanner-options';
import { eicar } from '../src/scanner/engine/needle-search';
import { call, upload } from './scanner-kit';

const HOUR = 3_600_000;
let time = Date.UTC(2026, 0, 2);
let scanner: MetaDefenderSandbox;

async function start(options: MetaDefenderSandboxOptions = {}): Promise<void> {
  scanner = await startMetaDefenderSandbox({ clock: () => time, ...options });
}
afterEach(() => scanner.close());

const put = async (name = 'a.txt', content: Buffer = Buffer.from('a')) =>
  (await upload(scanner, name, content)).fileId;
const status = async (fileId: string) => (await call(scanner, `GET /file/status/${fileId}`)).body;
const download = async (fileId: string) => (await call(scanner, `GET /file/${fileId}`)).status;

describe('keys of System level', () => {
  const [SKIP, SYSTEM] = ['s'.repeat(30), 'e'.repeat(30)];

  // Reference 2.4: Allow Skip MetaDefender Core Scanning; 5.1: scan_result members may be null.
  test('may skip the scan: the file is Available, and nobody has looked at it', async () => {
    await start({ apiKeys: ['k'.repeat(30), { key: SKIP, skipScan: true }], scanTimeMs: 1000 });
    const { fileId } = await upload(scanner, 'e.com', eicar(), { key: SKIP });
    expect(await status(fileId)).toMatchObject({
      availability_state: 'Available',
      can_be_downloaded: true,
      is_sanitized: false,
      scan_result: { workflow_result: null, blocked_reason: null, actions_failed: null },
    });
    expect(await download(fileId)).toBe(200);
    expect(scanner.scanned).toEqual([]);
    // The right is the key's, not the user's: an ordinary key of the same owner has its files scanned.
    const scanned = await put('e.com', eicar());
    time += 1000;
    expect(await status(scanned)).toMatchObject({ availability_state: 'Blocked' });
  });

  test('may skip supervision', async () => {
    await start({
      apiKeys: ['k'.repeat(30), { key: SKIP, skipSupervision: true }],
      settings: { approvals: { required: 1 } },
    });
    const { fileId } = await upload(scanner, 'a.txt', Buffer.from('a'), { key: SKIP });
    expect(await status(fileId)).toMatchObject({
      supervisor_approval_state: 'ApprovalDisabled',
      can_be_downloaded: true,
    });
  });

  // Reference 2.4: Use System Default File Expiration: the server ignores what clients ask for.
  test('may be bound to the expiration of the system', async () => {
    await start({
      apiKeys: ['k'.repeat(30), { key: SYSTEM, systemExpiration: true }],
      settings: { systemExpirationMs: HOUR },
    });
    const complete = { expires_after: '10:00:00:00' };
    const [bound, free] = [
      await upload(scanner, 'a', Buffer.from('a'), { key: SYSTEM, complete }),
      await upload(scanner, 'b', Buffer.from('b'), { complete }),
    ];
    time += HOUR;
    expect(await status(bound.fileId)).toMatchObject({ availability_state: 'Expired' });
    expect(await status(free.fileId)).toMatchObject({ availability_state: 'Available' });
  });
});

// Supplement 2: two different shapes, not one superset.
test('a status in the shape of 2018 has displayed_name, and no name, size or counts', async () => {
  await start({ settings: { statusFields: '2018' } });
  const fileId = (await upload(scanner, 'e.com', eicar(), { complete: { expires: '2026-03-04T05:06:07Z' } }))
    .fileId;
  const fields = await status(fileId);
  expect(fields).toMatchObject({
    file_id: fileId,
    displayed_name: 'e.com',
    availability_state: 'Blocked',
    availability: 6,
    can_be_overridden: true,
    expires: '2026-03-04T05:06:07.0000000',
    expiration_date: '03-04-2026',
    date_created: expect.stringMatching(/Z$/),
    shared_with_groups: [],
    message: null,
    ui_message_key: null,
    scan_result: { workflow_result: 'Blocked' },
  });
  for (const name of ['name', 'size', 'current_approval_count', 'required_approval_count'])
    expect(fields).not.toHaveProperty(name);
});

// Supplement 2: one of two pages restricts `all` to compliance officers.
test('the list of all files may be for administrators only', async () => {
  const key = 'u'.repeat(30);
  await start({
    users: [{ username: 'bridge', password: 'b' }],
    apiKeys: ['k'.repeat(30), { key, username: 'bridge' }],
    settings: { listAll: 'administrators' },
  });
  const list = (path: 'all' | 'my', withKey?: string) =>
    call(scanner, `GET /files/${path}/0/9`, {}, undefined, withKey ?? scanner.apiKey);
  await expect(list('all', key)).resolves.toMatchObject({ status: 403 });
  await expect(list('my', key)).resolves.toMatchObject({ status: 200 });
  await expect(list('all')).resolves.toMatchObject({ status: 200 });
});
