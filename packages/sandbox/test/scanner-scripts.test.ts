import fc from 'fast-check';
import { hostileStatus } from '../src/scanner/hostile-status';
import { startMetaDefenderSandbox, type MetaDefenderSandbox } from '../src/scanner/metadefender-sandbox';
import { eicar } from '../src/scanner/engine/needle-search';
import { call, sha256, upload } from './scanner-kit';

const MINUTE = 60_000;
let time = Date.UTC(2026, 0, 2);
let scanner: MetaDefenderSandbox;
beforeEach(async () => {
  scanner = await startMetaDefenderSandbox({ clock: () => time });
});
afterEach(() => scanner.close());

const put = async (name = 'a.txt', content: Buffer = Buffer.from('a')) =>
  (await upload(scanner, name, content)).fileId;
const status = async (fileId: string) => (await call(scanner, `GET /file/status/${fileId}`)).body;
const download = async (fileId: string) => call(scanner, `GET /file/${fileId}`);
const seen = async (fileId: string) => {
  const { availability_state: state, can_be_downloaded: free, scan_result: result } = await status(fileId);
  return [state, free, result.workflow_result, result.blocked_reason, result.actions_failed];
};

describe('verdicts', () => {
  // Reference 5.1: states, and scan_result{workflow_result, blocked_reason, actions_failed}.
  test.each([
    ['allowed', ['Available', true, 'Allowed', '', '']],
    ['blocked', ['Blocked', false, 'Blocked', 'Infected', '']],
    ['unscannable', ['ProcessingFailed', false, '', 'Encrypted Archive', 'Archive Extraction Failed']],
    ['not-sanitized', ['BlockedNoSanitization', false, '', 'Not sanitized', 'Sanitization Failed']],
    ['unscanned', ['Available', true, null, null, null]],
  ] as const)('%s', async (verdict, expected) => {
    scanner.script('a.txt', { verdict });
    expect(await seen(await put())).toEqual(expected);
  });

  test('sanitized, with the bytes that are given: download, size and records have them', async () => {
    scanner.script('*.pdf', { verdict: 'sanitized', bytes: Buffer.from('clean'), reason: 'removed a macro' });
    const fileId = await put('order.pdf', Buffer.from('dirty, dirty'));
    expect(await status(fileId)).toMatchObject({
      is_sanitized: true,
      availability_state_key: 'FILE_STATE_SANITIZED',
      size: 5,
      scan_result: { workflow_result: 'Allowed', actions_failed: '' },
    });
    expect((await download(fileId)).bytes.toString()).toBe('clean');
    expect(scanner.scanned).toMatchObject([
      {
        verdict: 'sanitized',
        reason: 'removed a macro',
        sha256: sha256(Buffer.from('dirty, dirty')),
        sanitizedSha256: sha256(Buffer.from('clean')),
        sanitizedSize: 5,
      },
    ]);
  });

  // Reference 9: Core's `Sanitized Partially`.
  test('partly sanitized: sanitized by its flag, and an action that failed', async () => {
    scanner.script('a.txt', { verdict: 'partly-sanitized' });
    const fileId = await put();
    expect(await status(fileId)).toMatchObject({
      is_sanitized: true,
      scan_result: { workflow_result: 'Allowed', actions_failed: 'Sanitized Partially' },
    });
    expect((await download(fileId)).bytes.toString()).toBe('a');
  });

  test('stand in place of the engine, which is not asked', async () => {
    scanner.script(/\.com$/, { verdict: 'allowed' });
    expect(await seen(await put('e.com', eicar()))).toEqual(['Available', true, 'Allowed', '', '']);
    expect(await seen(await put('e.exe', eicar()))).toEqual(['Blocked', false, 'Blocked', 'Infected', '']);
  });

  test('may take their time, and only for these files', async () => {
    scanner.script('slow.txt', { verdict: 'blocked', scanTimeMs: 5000, reason: 'Suspicious' });
    const [slow, fast] = [await put('slow.txt'), await put('fast.txt')];
    expect([(await seen(slow))[0], (await seen(fast))[0]]).toEqual(['Composing', 'Available']);
    time += 5000;
    expect(await seen(slow)).toEqual(['Blocked', false, 'Blocked', 'Suspicious', '']);
  });
});

describe('which files are meant', () => {
  const bytes = Buffer.from('x');
  test.each([
    ['a name', 'po.edi', ['po.edi']],
    ['a name with a star', '*.edi', ['po.edi', 'a b.edi']],
    ['a star that is no pattern of anything else', 'p.*', []],
    ['a pattern', /^po\./, ['po.edi', 'po.pdf']],
    ['a pattern that remembers', /o/g, ['po.edi', 'po.pdf', 'logo.svg']],
    ['a hash', { sha256: sha256(bytes).toUpperCase() }, ['po.edi', 'po.pdf', 'logo.svg', 'a b.edi']],
    ['what a partner sent', { name: 'po.pdf', size: 1, sha256: sha256(bytes) }, ['po.pdf']],
    ['another size', { name: 'po.pdf', size: 2 }, []],
    ['another owner', { owner: 'nobody' }, []],
    ['a function', ({ name }: { name: string }) => name.length === 8, ['logo.svg']],
  ])('%s', async (_, matcher, expected) => {
    scanner.script(matcher, { verdict: 'blocked' });
    for (const name of ['po.edi', 'po.pdf', 'logo.svg', 'a b.edi']) await put(name, bytes);
    const blocked = scanner.scanned.filter(({ verdict }) => verdict === 'blocked').map(({ name }) => name);
    expect(blocked).toEqual(expected);
  });

  test('the script that was added last holds; it can be taken away, or serve a few times only', async () => {
    scanner.script('*', { verdict: 'blocked' });
    const remove = scanner.script('a*', { verdict: 'unscannable' });
    scanner.script('a*', { verdict: 'unscanned', times: 1 });
    expect((await seen(await put()))[0]).toBe('Available');
    expect((await seen(await put()))[0]).toBe('ProcessingFailed');
    remove();
    expect((await seen(await put()))[0]).toBe('Blocked');
    scanner.clearScripts();
    expect((await seen(await put()))[0]).toBe('Available');
    expect(() => scanner.script('*', { times: 0 })).toThrow(RangeError);
  });
});

describe('a timeline', () => {
  test('moves a file through states as the clock moves', async () => {
    scanner.script('a.txt', {
      timeline: [
        { afterMs: 3 * MINUTE, state: 'Blocked', scanResult: { workflow_result: 'Blocked' } },
        { state: 'BeingProcessed', scanResult: { workflow_result: '' } },
        { afterMs: MINUTE, lockedUntilMs: 2 * MINUTE },
        { afterMs: 2 * MINUTE, approval: { state: 'Pending', current: 0, required: 1 } },
      ],
    });
    const fileId = await put();
    expect(await seen(fileId)).toEqual(['BeingProcessed', false, '', '', '']);
    time += MINUTE;
    const eta = new Date(time + MINUTE).toISOString().replace('Z', '0000Z');
    expect(await status(fileId)).toMatchObject({
      availability_state: 'Available',
      is_locked: true,
      unlock_eta: eta,
      can_be_downloaded: false,
    });
    expect((await download(fileId)).status).toBe(403);
    time += MINUTE;
    expect(await status(fileId)).toMatchObject({
      supervisor_approval_state: 'Pending',
      current_approval_count: 0,
      can_be_downloaded: false,
      is_locked: false,
    });
    time += MINUTE;
    expect(await seen(fileId)).toEqual(['Blocked', false, 'Blocked', '', '']);
    const { body } = await call(scanner, 'GET /files/my/0/9');
    expect(body.items[0]).toMatchObject({ availability_state: 'Blocked', can_be_downloaded: false });
  });

  test('names states that the sandbox itself has not, sets any field and leaves others out', async () => {
    scanner.script('a.txt', {
      timeline: [{ state: 'InRecycleBin', fields: { extra: 1, can_be_deleted: null }, without: ['path'] }],
    });
    const fields = await status(await put());
    expect(fields).toMatchObject({
      availability_state: 'InRecycleBin',
      availability_state_key: 'FILE_STATE_IN_RECYCLE_BIN',
      extra: 1,
      can_be_deleted: null,
      can_be_downloaded: false,
    });
    expect(fields).not.toHaveProperty('path');
  });

  // Reference 11, 16: 404 after upload: deleted, blocked-and-deleted or expired.
  test('takes a file away', async () => {
    scanner.script('a.txt', { timeline: [{ afterMs: MINUTE, gone: true }] });
    const fileId = await put();
    expect((await call(scanner, `GET /file/status/${fileId}`)).status).toBe(200);
    time += MINUTE;
    expect((await call(scanner, `GET /file/status/${fileId}`)).status).toBe(404);
    expect((await download(fileId)).status).toBe(404);
    expect((await call(scanner, 'GET /files/all/0/9')).body.filter_count).toBe(0);
  });

  test('answers anything in place of a status, and gives the bytes to whoever believes it', async () => {
    for (const raw of [
      null,
      [],
      'Available',
      42,
      { availability_state: 'Available', AvailabilityState: 'Blocked' },
    ]) {
      scanner.script('a.txt', { verdict: 'blocked', timeline: [{ raw }] });
      const fileId = await put();
      expect(await status(fileId)).toEqual(raw);
      expect((await download(fileId)).status).toBe(200);
    }
  });
});

describe('hostile statuses', () => {
  test('come from the seed of the script, about the file that was asked for', async () => {
    scanner.script('a.txt', { verdict: 'blocked', timeline: [{ hostile: 'seed 3' }] });
    const fileId = await put();
    const first = await status(fileId);
    expect(await status(fileId)).toEqual(first);
    expect((await download(fileId)).status).toBe(200);
  });

  // Reference 5.1, the safe-to-release rule, written down once more: none of them may pass it.
  test('never pass the rule, and are the same for the same seed', () => {
    const good = { file_id: 'ab'.repeat(16), name: 'a.txt', size: 1 };
    const kinds = new Set<string>();
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const { status: drawn, flaws } = hostileStatus(good, seed);
        expect(flaws.length).toBeGreaterThan(0);
        expect(hostileStatus(good, seed)).toEqual({ status: drawn, flaws });
        expect(JSON.parse(JSON.stringify(drawn))).toEqual(drawn);
        expect(releasable(drawn)).toBe(false);
        for (const flaw of flaws) kinds.add(flaw);
      }),
      { numRuns: 1000 },
    );
    expect(kinds.size).toBeGreaterThan(10);
  });
});

function releasable(drawn: unknown): boolean {
  if (typeof drawn !== 'object' || drawn === null) return false;
  const fields = drawn as Record<string, unknown>;
  const result = fields['scan_result'] as Record<string, unknown> | null | undefined;
  const approval = fields['supervisor_approval_state'];
  const approved =
    approval === 'ApprovalDisabled' ||
    (approval === 'Approved' &&
      typeof fields['current_approval_count'] === 'number' &&
      fields['current_approval_count'] >= (fields['required_approval_count'] as number));
  return (
    fields['availability_state'] === 'Available' &&
    fields['can_be_downloaded'] === true &&
    fields['is_locked'] === false &&
    approved &&
    result?.['workflow_result'] === 'Allowed' &&
    result['blocked_reason'] === '' &&
    result['actions_failed'] === ''
  );
}
