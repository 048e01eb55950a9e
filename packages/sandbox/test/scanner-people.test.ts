import { startMetaDefenderSandbox, type MetaDefenderSandbox } from '../src/scanner/metadefender-sandbox';
import type { MetaDefenderSandboxOptions } from '../src/scanner/scanner-options';
import { eicar } from '../src/scanner/engine/needle-search';
import { call, sha256, upload } from './scanner-kit';

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

describe('approval', () => {
  // Reference 5.1: supervisor approval; several can be required; supplement 2: counts matter only while it is enabled.
  test('keeps a file from download until enough supervisors have approved it', async () => {
    await start({ settings: { approvals: { required: 2 } } });
    const fileId = await put();
    const seen = async () => {
      const { body } = await call(scanner, `GET /file/status/${fileId}`);
      const { supervisor_approval_state: state, current_approval_count: current } = body;
      return [state, current, body.required_approval_count, body.can_be_downloaded, await download(fileId)];
    };
    expect(await seen()).toEqual(['Pending', 0, 2, false, 403]);
    scanner.operator.approve(fileId);
    expect(await seen()).toEqual(['Pending', 1, 2, false, 403]);
    scanner.operator.approve(fileId);
    expect(await seen()).toEqual(['Approved', 2, 2, true, 200]);
    scanner.operator.revoke(fileId);
    expect(await seen()).toEqual(['Pending', 0, 2, false, 403]);
  });

  // Supplement 2: 2021 sample: Available with 0 of 1 approvals and both states ApprovalDisabled.
  test('is disabled by default, with counts that mean nothing', async () => {
    await start();
    const fileId = await put();
    expect(await status(fileId)).toMatchObject({
      supervisor_approval_state: 'ApprovalDisabled',
      administrator_approval_state: 'ApprovalDisabled',
      current_approval_count: 0,
      required_approval_count: 1,
      can_be_downloaded: true,
    });
    expect(() => scanner.operator.approve(fileId)).toThrow('needs no approval');
  });

  // Supplement 4: supervisors can approve only what Core did not block.
  test('is not for what the scan blocked', async () => {
    await start({ settings: { approvals: { required: 1 } } });
    const fileId = await put('e.com', eicar());
    expect(() => scanner.operator.approve(fileId)).toThrow('Blocked');
    expect(await status(fileId)).toMatchObject({
      supervisor_approval_state: 'Pending',
      can_be_downloaded: false,
    });
  });

  // Reference 5.1: auto-skip modes Never, When sanitized, After time span.
  test('skips itself when sanitized, or after a time', async () => {
    await start({ settings: { approvals: { required: 1, skip: 'when-sanitized' } } });
    const [clean, sanitized] = [await put(), await put('a.svg', Buffer.from('<svg onload="x()"/>'))];
    expect([await download(clean), await download(sanitized)]).toEqual([403, 200]);
    scanner.change({ approvals: { required: 1, skip: { afterMs: HOUR } } });
    const later = await put();
    expect(await download(later)).toBe(403);
    time += HOUR;
    expect(await status(later)).toMatchObject({
      supervisor_approval_state: 'Approved',
      can_be_downloaded: true,
    });
    // A file keeps the rule under which it was uploaded.
    expect(await download(clean)).toBe(403);
  });
});

describe('outbreak prevention', () => {
  // Reference 5.1: is_locked and unlock_eta: usable only after a set time.
  test('locks a scanned file until unlock_eta', async () => {
    await start({ scanTimeMs: 1000, settings: { lockMs: HOUR } });
    const fileId = await put();
    time += 1000;
    const end = new Date(time + HOUR).toISOString().replace('Z', '0000Z');
    const locked = {
      availability_state: 'Available',
      is_locked: true,
      unlock_eta: end,
      can_be_downloaded: false,
    };
    expect(await status(fileId)).toMatchObject(locked);
    expect(await download(fileId)).toBe(403);
    time += HOUR - 1;
    expect(await status(fileId)).toMatchObject(locked);
    time += 1;
    expect(await status(fileId)).toMatchObject({
      is_locked: false,
      unlock_eta: null,
      can_be_downloaded: true,
    });
    expect(await download(fileId)).toBe(200);
  });

  test('people lock and unlock as well', async () => {
    await start();
    const fileId = await put();
    scanner.operator.lock(fileId, time + HOUR);
    expect(await status(fileId)).toMatchObject({ is_locked: true, can_be_downloaded: false });
    scanner.operator.unlock(fileId);
    expect(await status(fileId)).toMatchObject({ is_locked: false, can_be_downloaded: true });
  });
});

describe('a lifted block', () => {
  // Supplement 4, overridden files: the file downloads like any other, and can be set back to Blocked.
  test('makes the file available although the scan blocked it; the result stays as it was', async () => {
    await start();
    const content = Buffer.concat([Buffer.from('x'), eicar()]);
    const fileId = await put('e.com', content);
    scanner.operator.lift(fileId);
    expect(await status(fileId)).toMatchObject({
      availability_state: 'Available',
      availability_state_key: 'FILE_STATE_AVAILABLE_OVERRIDDEN',
      can_be_downloaded: true,
      is_sanitized: false,
      scan_result: { workflow_result: 'Blocked', blocked_reason: 'Infected' },
    });
    const { bytes } = await call(scanner, `GET /file/${fileId}`);
    expect(sha256(bytes)).toBe(sha256(content));
    expect(scanner.verdictOf(sha256(content))).toBe('blocked');
    scanner.operator.restore(fileId);
    expect(await status(fileId)).toMatchObject({ availability_state: 'Blocked', can_be_downloaded: false });
    expect(await download(fileId)).toBe(403);
  });

  // Supplement 4: "Blocked: No Sanitization" is lifted by an administrator's approval, never sanitized.
  test('of a file that was not sanitized is an approval by an administrator', async () => {
    await start();
    const fileId = await put('deep.svg', Buffer.from('<g>'.repeat(5000)));
    expect(await status(fileId)).toMatchObject({ availability_state: 'BlockedNoSanitization' });
    scanner.operator.lift(fileId);
    expect(await status(fileId)).toMatchObject({
      availability_state: 'Available',
      administrator_approval_state: 'Approved',
      supervisor_approval_state: 'ApprovalDisabled',
      is_sanitized: false,
      can_be_downloaded: true,
    });
  });

  test('is not for a file that is not blocked', async () => {
    await start();
    const fileId = await put();
    expect(() => scanner.operator.lift(fileId)).toThrow('not blocked');
    expect(() => scanner.operator.lift('f'.repeat(32))).toThrow(RangeError);
  });
});

// Reference 5.1: MFT may delete blocked and failed files automatically: a 404 after upload can mean that.
test('blocked files vanish without a trace where the product deletes them', async () => {
  await start({ settings: { deleteBlockedAfterMs: HOUR } });
  const [bad, good] = [await put('e.com', eicar()), await put()];
  expect(await status(bad)).toMatchObject({ availability_state: 'Blocked' });
  time += HOUR;
  for (const request of [`GET /file/status/${bad}`, `GET /file/${bad}`, `DELETE /file/${bad}`] as const) {
    await expect(call(scanner, request)).resolves.toMatchObject({
      status: 404,
      body: { status_code: 'NotFound' },
    });
  }
  const all = await call(scanner, 'GET /files/my/0/9', { AvailabilityState: 'Blocked,Available,Deleted' });
  expect(all.body.items.map((item: { file_id: string }) => item.file_id)).toEqual([good]);
  expect(await status(good)).toMatchObject({ availability_state: 'Available' });
  expect(scanner.verdictOf(sha256(eicar()))).toBe('blocked');
});
