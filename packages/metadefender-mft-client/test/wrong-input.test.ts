import type { MetaDefenderSandbox } from '@mft-bridge/sandbox';
import { startMetaDefenderSandbox } from '@mft-bridge/sandbox';
import { isInvalidRequestError, MetaDefenderClient } from '../src/index';
import type { UploadFileOptions, UploadSource, WaitOptions } from '../src/index';

// What a JavaScript program, a wrong unit or a variable that is not set can hand over. Each is refused by a sentence and before the first
// request: a group that was opened for nothing has to be aborted, and hours of sending are not given back.

let sandbox: MetaDefenderSandbox;
let md: MetaDefenderClient;
let before: string;
const calls = () => JSON.stringify(sandbox.calls);
beforeAll(async () => {
  sandbox = await startMetaDefenderSandbox({
    scanTimeMs: 3_600_000,
    users: [{ username: 'bob', password: 'irrelevant' }],
  });
  md = new MetaDefenderClient({ baseUrl: sandbox.url, auth: { apiKey: sandbox.apiKey } });
});
afterAll(async () => {
  await md.close();
  await sandbox.close();
});
beforeEach(() => {
  before = calls();
});

async function refusalOf(work: () => unknown): Promise<string> {
  const error = await Promise.resolve()
    .then(work)
    .then(
      () => undefined,
      (thrown: unknown) => thrown as Error,
    );
  expect(isInvalidRequestError(error)).toBe(true);
  expect(calls()).toBe(before);
  return error?.message ?? '';
}
const bytes = Buffer.from('x');
const fileName = 'a.txt';
const upload = (source: unknown, options: unknown = { fileName }) =>
  md.uploads.uploadFile(source as UploadSource, options as UploadFileOptions);

test.each<[string, Record<string, unknown>, string]>([
  ['an expiry of nothing', { expiresAfterMs: 0 }, 'expiresAfterMs is 0'],
  ['an expiry in the past', { expiresAfterMs: -1 }, 'expiresAfterMs'],
  ['an expiry that is no number', { expiresAfterMs: Number.NaN }, 'expiresAfterMs'],
  ['an expiry beyond what the server takes', { expiresAfterMs: 1e15 }, '10,675,199 days'],
  ['a name in a script without an encoding', { fileName: 'Über.pdf' }, 'fileNames'],
  ['an empty name', { fileName: '' }, '1 to 255'],
  ['a name that is too long', { fileName: 'x'.repeat(256) }, '1 to 255'],
  ['a name that is none', { fileName: 5 }, '1 to 255'],
  ['a name with a line break', { fileName: 'a\r\nfile_size: 1' }, 'control character'],
  ['a folder in a script without an encoding', { folder: 'Eingänge' }, 'folder'],
  ['half a chunk', { chunkBytes: 0.5 }, 'chunkBytes'],
  ['no chunk at a time', { parallel: 0 }, 'parallel'],
  ['an id of a group that is a path', { groupId: '../x' }, 'groupId'],
])('%s', async (_, options, words) => {
  expect(await refusalOf(() => upload(bytes, { fileName, ...options }))).toContain(words);
});

test.each<[string, unknown]>([
  ['nothing', undefined],
  ['null', null],
  ['a number', 5],
  ['an empty path', ''],
  ['a stream that is open already', new Blob(['x']).stream()],
  ['an ArrayBuffer', new ArrayBuffer(1)],
  ['a URL', new URL('file:///etc/hostname')],
  ['a size that is none', { open: () => new Blob(['x']).stream(), size: -1 }],
  ['half a byte', { open: () => new Blob(['x']).stream(), size: 1.5 }],
])('%s is no source', async (_, source) => {
  await refusalOf(() => upload(source));
});

test('a list of files that is none, or empty', async () => {
  await refusalOf(() => md.uploads.uploadFiles('a.txt' as never));
  await refusalOf(() => md.uploads.uploadFiles([]));
});

test.each<[string, WaitOptions]>([
  ['timeoutMs', { timeoutMs: Number.NaN }],
  ['timeoutMs', { timeoutMs: -1 }],
  ['timeoutMs', { timeoutMs: Number.POSITIVE_INFINITY }],
  ['minIntervalMs', { minIntervalMs: 0 }],
  ['minIntervalMs', { minIntervalMs: Number.NaN }],
  ['maxIntervalMs', { maxIntervalMs: Number.NaN }],
  ['maxIntervalMs', { maxIntervalMs: -5 }],
])('a wait whose %s is none would ask without a pause: %j', async (name, options) => {
  expect(await refusalOf(() => md.files.waitForVerdict('f', options))).toContain(name);
  expect(await refusalOf(() => md.files.waitForVerdicts(['f'], options))).toContain(name);
  expect(await refusalOf(() => md.scanFile(bytes, { fileName, ...options }))).toContain(name);
});

test('a longest pause below the first one counts from the first one on', async () => {
  const pauses: number[] = [];
  const { fileId } = await upload(bytes);
  const patient = new MetaDefenderClient({
    baseUrl: sandbox.url,
    auth: { apiKey: sandbox.apiKey },
    random: () => 0.5,
    sleep: (ms) => {
      pauses.push(ms);
      return new Promise((resolve) => setTimeout(resolve, 1));
    },
  });
  await patient.files.waitForVerdict(fileId, { timeoutMs: 30, maxIntervalMs: 5 });
  expect(Math.max(...pauses)).toBeLessThanOrEqual(5);
  await patient.close();
});

test('a pause beyond what a timer can hold does not end at once', async () => {
  const { fileId } = await upload(bytes);
  const status = () => sandbox.calls['GET /vault_rest/file/status/{file_id}'] ?? 0;
  const looks = status();
  const stop = new AbortController();
  const waiting = md.files.waitForVerdict(fileId, {
    timeoutMs: 2 ** 40,
    minIntervalMs: 2 ** 32,
    maxIntervalMs: 2 ** 32,
    signal: stop.signal,
    onVerdict: () => setTimeout(() => stop.abort(), 100),
  });
  await expect(waiting).rejects.toMatchObject({ name: 'AbortedError' });
  expect(status() - looks).toBe(1);
});

test.each([undefined, {}, { limit: Number.NaN }])('toArray(%j) would read for ever', async (limit) => {
  const words = await refusalOf(() => md.files.iterate({ type: 'my' }).toArray(limit as { limit: number }));
  expect(words).toContain('limit');
});

test('the old names of two parameters are understood in an upload as well, and never dropped', async () => {
  const notices: string[] = [];
  const stop = md.on('deprecation', ({ notice }) => notices.push(notice));

  await md.uploads.uploadFile(bytes, { fileName: 'shared.txt', recipients: ['bob'] });
  stop();
  expect(notices.join(' ')).toContain('shareWith');
  const both = { fileName, shareWith: ['a'], recipients: ['b'] };
  before = calls();
  await refusalOf(() => upload(bytes, both));
});

test.each<[string, () => unknown, string]>([
  ['of an upload', () => upload(bytes, { fileName, expiresAfter: 1 }), 'Did you mean expiresAfterMs?'],
  [
    'of several files',
    () => md.uploads.uploadFiles([{ source: bytes, fileName }], { share_with: ['a'] } as object),
    'Did you mean shareWith?',
  ],
  [
    'of one of several files',
    () => md.uploads.uploadFiles([{ source: bytes, fileName, filename: 'b' } as { source: Buffer }]),
    'Did you mean fileName?',
  ],
  ['of a scan', () => md.scanFile(bytes, { fileName, timeout: 1 } as object), 'Did you mean timeoutMs?'],
  ['of a wait', () => md.files.waitForVerdict('0'.repeat(32), { interval: 1 } as WaitOptions), 'timeoutMs'],
  [
    'of many waits',
    () => md.files.waitForVerdicts([], { persecond: 1 } as object),
    'Did you mean perSecond?',
  ],
  [
    'of the client',
    () => new MetaDefenderClient({ baseUrl: sandbox.url, auth: { apiKey: 'k' }, limits: 1 } as never),
    'Did you mean limit?',
  ],
])('an option that does not exist is not ignored: %s', async (_, work, words) => {
  expect(await refusalOf(work)).toContain(words);
});
