import { startMetaDefenderSandbox, type MetaDefenderSandbox } from '../src/scanner/metadefender-sandbox';
import type { Inspection } from '../src/scanner/engine/inspect';
import { createScanQueue } from '../src/scanner/scan-queue';
import { createBlobStore } from '../src/blob-store';
import { eicar } from '../src/scanner/engine/needle-search';
import { call, sha256, upload } from './scanner-kit';

let time = Date.UTC(2026, 0, 2);
let scanner: MetaDefenderSandbox | undefined;
afterEach(() => scanner?.close());

const ALLOWED: Inspection = { verdict: 'allowed', sha256: '', reason: '', failedAction: '' };
const state = async (fileId: string) => {
  const { body } = await call(scanner!, `GET /file/status/${fileId}`);
  return [body.availability_state, body.can_be_downloaded, body.scan_result.workflow_result];
};

test('a file moves through the states as the clock moves', async () => {
  scanner = await startMetaDefenderSandbox({ scanTimeMs: 1000, clock: () => time });
  const content = Buffer.from('<svg onload="x()"/>');
  const { fileId } = await upload(scanner, 'a.svg', content);
  const busy = { is_sanitized: false, size: content.length };
  const steps = [
    [0, ['Composing', false, '']],
    [100, ['QueuedForProcessing', false, '']],
    [300, ['BeingProcessed', false, '']],
    [999, ['BeingProcessed', false, '']],
  ] as const;
  const start = time;
  for (const [after, expected] of steps) {
    time = start + after;
    expect(await state(fileId)).toEqual(expected);
    expect((await call(scanner, `GET /file/status/${fileId}`)).body).toMatchObject(busy);
    await expect(call(scanner, `GET /file/${fileId}`)).resolves.toMatchObject({ status: 403 });
    // Whatever the engine knows by then, the scanner has said nothing yet.
    expect(scanner.scanned).toEqual([]);
    expect(scanner.verdictOf(sha256(content))).toBeUndefined();
  }
  time = start + 1000;
  expect(await state(fileId)).toEqual(['Available', true, 'Allowed']);
  expect(scanner.verdictOf(sha256(content))).toBe('sanitized');
});

test('the scan time may depend on the file', async () => {
  scanner = await startMetaDefenderSandbox({
    scanTimeMs: ({ name, size }) => (name === 'slow.txt' ? size * 1000 : 0),
    clock: () => time,
  });
  const [slow, fast] = [
    await upload(scanner, 'slow.txt', Buffer.from('ab')),
    await upload(scanner, 'fast.txt', eicar()),
  ];
  expect(await state(fast.fileId)).toEqual(['Blocked', false, 'Blocked']);
  expect(await state(slow.fileId)).toEqual(['Composing', false, '']);
  time += 2000;
  expect(await state(slow.fileId)).toEqual(['Available', true, 'Allowed']);
});

test('with scan time zero the first look finds the file final', async () => {
  scanner = await startMetaDefenderSandbox();
  for (let n = 0; n < 20; n += 1) {
    const { fileId } = await upload(scanner, `${n}.txt`, Buffer.from('x'));
    expect(await state(fileId)).toEqual(['Available', true, 'Allowed']);
  }
});

test('a file that the engine still looks at is being processed, however late it is', async () => {
  let done: (inspection: Inspection) => void = () => undefined;
  const engine = () => new Promise<Inspection>((resolve) => (done = resolve));
  scanner = await startMetaDefenderSandbox({ engine, scanTimeMs: 10, clock: () => time });
  const { fileId } = await upload(scanner, 'a.txt', Buffer.from('x'));
  time += 1_000_000;
  expect(await state(fileId)).toEqual(['BeingProcessed', false, '']);
  done(ALLOWED);
  await new Promise(setImmediate);
  expect(await state(fileId)).toEqual(['Available', true, 'Allowed']);
});

test('an engine that fails has not scanned the file', async () => {
  scanner = await startMetaDefenderSandbox({ engine: () => Promise.reject(new Error('out of order')) });
  const { fileId } = await upload(scanner, 'a.txt', Buffer.from('x'));
  expect(await state(fileId)).toEqual(['ProcessingFailed', false, '']);
});

test('a document that cannot be sanitized is blocked for that reason', async () => {
  scanner = await startMetaDefenderSandbox();
  const { fileId } = await upload(scanner, 'deep.svg', Buffer.from('<g>'.repeat(5000)));
  const { body } = await call(scanner, `GET /file/status/${fileId}`);
  expect(body).toMatchObject({
    availability_state: 'BlockedNoSanitization',
    scan_result: { actions_failed: 'Sanitization Failed', workflow_result: '' },
  });
});

test('few large files are scanned at a time, and small ones pass them by', async () => {
  const store = createBlobStore();
  let running = 0;
  let most = 0;
  const open: (() => void)[] = [];
  const queue = createScanQueue(async (content) => {
    if (content.size < 1000) return ALLOWED;
    running += 1;
    most = Math.max(most, running);
    await new Promise<void>((resolve) => open.push(resolve));
    running -= 1;
    return ALLOWED;
  });
  const large = Array.from({ length: 5 }, (_, n) =>
    queue.inspect(store.generated(2 * 1024 * 1024, n), 'large'),
  );
  await expect(queue.inspect(await store.fromBytes(Buffer.from('x')), 'small')).resolves.toEqual(ALLOWED);
  for (let n = 0; n < 5; n += 1) {
    await new Promise(setImmediate);
    open.shift()?.();
  }
  await expect(Promise.all(large)).resolves.toHaveLength(5);
  expect(most).toBe(2);
  await store.close();
});

test('it can be unplugged, keeps what it has, counts calls and lets them be observed', async () => {
  scanner = await startMetaDefenderSandbox();
  const { fileId } = await upload(scanner, 'a.txt', Buffer.from('x'));
  await scanner.unplug();
  await expect(call(scanner, 'GET /version')).rejects.toThrow('fetch failed');
  await scanner.plug();
  const seen: string[] = [];
  const stop = scanner.onCall(({ phase, operation, params }) =>
    seen.push(`${phase} ${operation} ${params['file_id']}`),
  );
  expect(await state(fileId)).toEqual(['Available', true, 'Allowed']);
  stop();
  await call(scanner, 'GET /version');
  expect(seen).toEqual([
    `received GET /vault_rest/file/status/{file_id} ${fileId}`,
    `answered GET /vault_rest/file/status/{file_id} ${fileId}`,
  ]);
  expect(scanner.calls).toMatchObject({
    'GET /vault_rest/transfer': 1,
    'GET /vault_rest/file/status/{file_id}': 1,
  });
});
