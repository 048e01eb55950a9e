import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import type { MetaDefenderSandbox } from '@mft-bridge/sandbox';
import { startMetaDefenderSandbox } from '@mft-bridge/sandbox';
import { isAbortedError, isMftBridgeError, isUploadSourceError, MetaDefenderClient } from '../src/index';
import type { AbandonedGroup } from '../src/index';
import type { LossyProxy } from './lossy-proxy';
import { startLossyProxy } from './lossy-proxy';

const content = randomBytes(1_000_000);
const sum = createHash('sha256').update(content).digest('hex');
const fileName = 'file.bin';

let sandbox: MetaDefenderSandbox;
let proxy: LossyProxy;
let md: MetaDefenderClient;

beforeEach(async () => {
  sandbox = await startMetaDefenderSandbox();
  proxy = await startLossyProxy(sandbox.url);
  md = new MetaDefenderClient({
    baseUrl: proxy.url,
    auth: { apiKey: sandbox.apiKey },
    retry: { baseMs: 1, capMs: 5 },
  });
});
afterEach(async () => {
  await md.close();
  await proxy.close();
  await sandbox.close();
});

const failureOf = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );
const count = (call: string) => sandbox.calls[call] ?? 0;

test('a chunk whose answer was lost is sent again at its offset, and the file is whole', async () => {
  proxy.loseAnswer('PATCH', /transfer_file/);
  const { sha256, fileId } = await md.uploads.uploadFile(content, { fileName, chunkBytes: 300_000 });
  expect(sha256).toBe(sum);
  expect(count('PATCH /vault_rest/transfer_file')).toBe(5);
  expect((await md.files.waitForVerdict(fileId, { minIntervalMs: 5 })).status).toBe('cleared');
  expect(sandbox.verdictOf(sum)).toBe('allowed');
});

test('opening a group is repeated after a lost answer, since its id is ours', async () => {
  proxy.loseAnswer('GET', /transfer$/);
  const { groupId } = await md.uploads.uploadFile(content, {
    fileName,
    groupId: '0123456789abcdef0123456789abcdef',
  });
  expect(groupId).toBe('0123456789abcdef0123456789abcdef');
  expect(count('GET /vault_rest/transfer')).toBe(2);
});

test('announcing a file is never repeated: its group is aborted, and another one takes its place', async () => {
  proxy.loseAnswer('GET', /transfer_file/);
  const abandoned: AbandonedGroup[] = [];
  const { groupId } = await md.uploads.uploadFile(content, {
    fileName,
    onAbandoned: (group) => abandoned.push(group),
  });
  expect(count('GET /vault_rest/transfer_file')).toBe(2);
  expect(abandoned).toMatchObject([{ aborted: true }]);
  expect(abandoned[0]?.groupId).not.toBe(groupId);
  expect(sandbox.files).toHaveLength(1);
});

test('with a group id of the caller a lost announcement is his to know', async () => {
  proxy.loseAnswer('GET', /transfer_file/);
  const error = await failureOf(
    md.uploads.uploadFile(content, { fileName, groupId: '0123456789abcdef0123456789abcdef' }),
  );
  expect(isMftBridgeError(error) && [error.operation, error.outcome]).toEqual([
    'transferFiles.open',
    'unknown',
  ]);
  expect(count('DELETE /vault_rest/transfer')).toBe(1);
});

test('closing whose answer was lost ends in a whole upload', async () => {
  proxy.loseAnswer('POST', /transfer_file/);
  await md.uploads.uploadFile(content, { fileName });
  expect(sandbox.files).toHaveLength(1);
});

test('completing whose answer was lost is looked up and not repeated', async () => {
  proxy.loseAnswer('POST', /transfer$/);
  const { fileId } = await md.uploads.uploadFile(content, { fileName });
  expect(sandbox.files.map((file) => file.fileId)).toEqual([fileId]);
  expect(count('POST /vault_rest/transfer')).toBe(1);
  expect(count('DELETE /vault_rest/transfer')).toBe(0);
});

test('completing that never reached the server is done again', async () => {
  proxy.answerInstead('POST', /transfer$/, 503);
  await md.uploads.uploadFile(content, { fileName });
  expect(sandbox.files).toHaveLength(1);
  expect(count('POST /vault_rest/transfer')).toBe(1);
});

test('a completed group that does not hold the file is an error', async () => {
  proxy.answerInstead('POST', /transfer$/, 200, JSON.stringify({ files: [{ file_id: 'f'.repeat(32) }] }));
  const error = await failureOf(md.uploads.uploadFile(content, { fileName }));
  expect(String(error)).toContain('is not in it');
});

test.each([
  ['before the first byte', 'onFileOpened', 0],
  ['before the file is closed', 'beforeClose', 1],
] as const)(
  'what the caller throws %s fails the upload, and nothing stays at the server',
  async (_, hook, chunks) => {
    const abandoned: AbandonedGroup[] = [];
    const error = await failureOf(
      md.uploads.uploadFile(content, {
        fileName,
        onAbandoned: (group) => abandoned.push(group),
        [hook]: async () => {
          await Promise.resolve();
          throw new Error('these are not the bytes');
        },
      }),
    );
    expect(String(error)).toContain('these are not the bytes');
    expect(count('PATCH /vault_rest/transfer_file')).toBe(chunks);
    expect(count('POST /vault_rest/transfer_file')).toBe(0);
    expect(abandoned).toMatchObject([{ aborted: true }]);
    expect(sandbox.files).toHaveLength(0);
  },
);

test('an aborted upload stops, and its group is aborted all the same', async () => {
  const stop = new AbortController();
  const error = await failureOf(
    md.uploads.uploadFile(content, {
      fileName,
      chunkBytes: 100_000,
      parallel: 1,
      signal: stop.signal,
      onProgress: () => stop.abort(),
    }),
  );
  expect(isAbortedError(error)).toBe(true);
  expect(count('DELETE /vault_rest/transfer')).toBe(1);
  expect(count('PATCH /vault_rest/transfer_file')).toBeLessThan(4);
});

test('a group can be kept, for the caller to go on with', async () => {
  const error = await failureOf(
    md.uploads.uploadFile(content, {
      fileName,
      groupId: '0123456789abcdef0123456789abcdef',
      abortOnFailure: false,
      beforeClose: () => Promise.reject(new Error('not now')),
    }),
  );
  expect(String(error)).toContain('not now');
  expect(count('DELETE /vault_rest/transfer')).toBe(0);
  await md.transfers.abort({ groupId: '0123456789abcdef0123456789abcdef' });
});

test('a clean-up that fails is told, and does not hide the error', async () => {
  proxy.answerAlways('DELETE', /transfer$/, 500);
  const abandoned: AbandonedGroup[] = [];
  const error = await failureOf(
    md.uploads.uploadFile(content, {
      fileName,
      onAbandoned: (group) => abandoned.push(group),
      beforeClose: () => Promise.reject(new Error('the real one')),
    }),
  );
  expect(String(error)).toContain('the real one');
  expect(abandoned).toMatchObject([{ aborted: false, error: { status: 500 } }]);
});

test('a refused login of the first call aborts nothing', async () => {
  const stranger = new MetaDefenderClient({ baseUrl: sandbox.url, auth: { apiKey: 'nobody' } });
  const error = await failureOf(stranger.uploads.uploadFile(content, { fileName }));
  expect(isMftBridgeError(error) && error.outcome).toBe('rejected');
  expect(count('DELETE /vault_rest/transfer')).toBe(0);
  await stranger.close();
});

test('a source that is shorter than announced leaves nothing at the server', async () => {
  const error = await failureOf(
    md.uploads.uploadFile(
      { open: () => new Blob([content]).stream(), size: content.length + 1 },
      { fileName },
    ),
  );
  expect(isUploadSourceError(error)).toBe(true);
  expect(count('DELETE /vault_rest/transfer')).toBe(1);
});

test('chunks damaged on the way are refused by the server', async () => {
  const { groupId } = await md.transfers.open({ groupId: '0123456789abcdef0123456789abcdef' });
  const { fileId } = await md.transferFiles.open({ groupId, fileName, fileSize: 3, method: 'Chunk' });
  const chunk = { groupId, fileId, offset: 0, data: Buffer.from('abc') };
  const error = await failureOf(
    md.transferFiles.chunk({ ...chunk, md5: createHash('md5').update('abd').digest('hex') }),
  );
  expect(isMftBridgeError(error) && error.outcome).toBe('rejected');
  await md.transferFiles.chunk({ ...chunk, md5: false });
  await md.transferFiles.chunk(chunk);
  await md.transferFiles.close({ groupId, fileId });
  expect(await md.transfers.complete({ groupId, expiresAfter: 60_000 })).toEqual({ files: [{ fileId }] });
});

test('a file can be dropped from its group', async () => {
  const { groupId } = await md.transfers.open({ groupId: '0123456789abcdef0123456789abcdef' });
  const { fileId } = await md.transferFiles.open({ groupId, fileName, fileSize: 3, method: 'Chunk' });
  await md.transferFiles.drop({ groupId, fileId });
  expect(isMftBridgeError(await failureOf(md.transferFiles.close({ groupId, fileId })))).toBe(true);
});

test.each([
  [{ fileName, chunkBytes: 0 }, 'chunkBytes'],
  [{ fileName, chunkBytes: 200_000_000 }, 'chunkBytes'],
  [{ fileName, parallel: 0 }, 'parallel'],
  [{}, 'no name'],
  [{ fileName, size: 7 }, 'size'],
  [{ fileName, groupId: '../etc' }, 'groupId'],
])('%j is refused before anything is sent', async (options, word) => {
  const error = await failureOf(md.uploads.uploadFile(content, options));
  expect(isMftBridgeError(error) && error.outcome).toBe('not-sent');
  expect(String(error)).toContain(word);
  expect(sandbox.calls).toEqual({});
});

test('an upload that is aborted while its source stalls ends, and its group is aborted', async () => {
  const stop = new AbortController();
  const stalled = new Readable({ read: () => undefined });
  const error = await failureOf(
    md.uploads.uploadFile(
      { open: () => stalled, size: 10 },
      { fileName, signal: stop.signal, onFileOpened: () => void setImmediate(() => stop.abort('enough')) },
    ),
  );
  expect(isAbortedError(error)).toBe(true);
  expect(stalled.destroyed).toBe(true);
  expect(count('DELETE /vault_rest/transfer')).toBe(1);
});
