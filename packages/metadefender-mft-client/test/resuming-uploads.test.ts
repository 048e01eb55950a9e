import { createHash, randomBytes } from 'node:crypto';
import type { MetaDefenderSandbox } from '@mft-bridge/sandbox';
import { startMetaDefenderSandbox } from '@mft-bridge/sandbox';
import fc from 'fast-check';
import {
  isInvalidRequestError,
  isUploadSourceError,
  MetaDefenderClient,
  parseCheckpoint,
} from '../src/index';
import type { AbandonedGroup, UploadCheckpoint, UploadFileOptions, UploadProgress } from '../src/index';
import type { LossyProxy } from './lossy-proxy';
import { startLossyProxy } from './lossy-proxy';

const CHUNK = 100_000;
const content = randomBytes(10 * CHUNK + 7);
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const fileName = 'file.bin';

let sandbox: MetaDefenderSandbox;
let proxy: LossyProxy;
let md: MetaDefenderClient;
beforeAll(async () => {
  sandbox = await startMetaDefenderSandbox();
  proxy = await startLossyProxy(sandbox.url);
  md = client();
});
afterAll(async () => {
  await md.close();
  await proxy.close();
  await sandbox.close();
});

/** Each one stands for a process: they share nothing but the checkpoint. */
function client(): MetaDefenderClient {
  return new MetaDefenderClient({
    baseUrl: proxy.url,
    auth: { apiKey: sandbox.apiKey },
    retry: { baseMs: 1, capMs: 2, maxAttempts: 2 },
  });
}
const failureOf = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );
/** Counts what a client sends; the server may still see late chunks of one that died. */
function countChunks(of: MetaDefenderClient): () => number {
  let count = 0;
  of.on('request', ({ operation }) => {
    if (operation === 'transferFiles.chunk') count += 1;
  });
  return () => count;
}
const aborts = () => sandbox.calls['DELETE /vault_rest/transfer'] ?? 0;
const stored = (sum: string) => sandbox.files.filter((file) => file.sha256 === sum);

/** An upload whose process "dies" after so many chunks; what it stored last is returned. */
async function dieAfter(chunks: number, options: UploadFileOptions = {}, bytes = content) {
  const disk: string[] = [];
  const abandoned: AbandonedGroup[] = [];
  const dying = client();
  const error = await failureOf(
    dying.uploads.uploadFile(bytes, {
      fileName,
      chunkBytes: CHUNK,
      parallel: 3,
      onCheckpoint: (checkpoint) => {
        disk.push(JSON.stringify(checkpoint));
        const file = checkpoint.files[0]!;
        if (file.acknowledged.contiguous + file.acknowledged.ahead.length >= chunks)
          throw new Error('killed');
      },
      onAbandoned: (group) => abandoned.push(group),
      ...options,
    }),
  );
  await dying.close();
  return { checkpoint: parseCheckpoint(JSON.parse(disk.at(-1)!)), disk, error, abandoned };
}

const acknowledged = ({ files: [file] }: UploadCheckpoint) =>
  file!.acknowledged.contiguous + file!.acknowledged.ahead.length;

test('another process goes on and sends only what was not acknowledged', async () => {
  const before = aborts();
  const { checkpoint, error, abandoned } = await dieAfter(4);
  expect(String(error)).toContain('killed');
  expect(abandoned).toEqual([]);
  expect(aborts()).toBe(before);
  expect(acknowledged(checkpoint)).toBeGreaterThanOrEqual(4);

  const heir = client();
  const sent = countChunks(heir);
  const opened: string[] = [];
  const seen: UploadProgress[] = [];
  const result = await heir.uploads.uploadFile(content, {
    fileName,
    resume: checkpoint,
    onFileOpened: (fileId) => void opened.push(fileId),
    onProgress: (progress) => seen.push(progress),
  });
  expect(sent()).toBe(11 - acknowledged(checkpoint));
  expect(result).toMatchObject({
    sha256: sha256(content),
    size: content.length,
    groupId: checkpoint.groupId,
  });
  expect(opened).toEqual([checkpoint.files[0]!.fileId]);
  expect(seen.at(-1)).toEqual({ sent: content.length, total: content.length });
  const verdict = await heir.files.waitForVerdict(result.fileId, { minIntervalMs: 5 });
  expect(verdict.status).toBe('cleared');
  expect(stored(sha256(content)).map(({ fileId }) => fileId)).toContain(result.fileId);
  await heir.close();
});

test('an upload can die as often as it likes', async () => {
  const bytes = randomBytes(5 * CHUNK + 1);
  const first = await dieAfter(1, {}, bytes);
  let { checkpoint } = first;
  for (const chunks of [3, 5]) ({ checkpoint } = await dieAfter(chunks, { resume: checkpoint }, bytes));
  const { sha256: sum, fileId } = await md.uploads.uploadFile(bytes, { fileName, resume: checkpoint });
  expect(sum).toBe(sha256(bytes));
  expect(stored(sum).map((file) => file.fileId)).toEqual([fileId]);
});

test('whatever was acknowledged before the crash, the file at the server is whole', async () => {
  const sent = countChunks(md);
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 0, max: 60_000 }),
      fc.integer({ min: 3000, max: 30_000 }),
      fc.integer({ min: 1, max: 25 }),
      async (size, chunkBytes, chunks) => {
        const bytes = randomBytes(size);
        const total = Math.ceil(size / chunkBytes);
        const { checkpoint } = await dieAfter(chunks, { chunkBytes }, bytes);
        const before = sent();
        const result = await md.uploads.uploadFile(bytes, { fileName, resume: checkpoint });
        expect(sent() - before).toBe(total - acknowledged(checkpoint));
        expect(stored(sha256(bytes)).map(({ fileId }) => fileId)).toContain(result.fileId);
      },
    ),
    { numRuns: 15 },
  );
});

test('a source that changed since is refused, wherever it changed in what was acknowledged', async () => {
  const { checkpoint } = await dieAfter(5);
  const changed = Buffer.from(content);
  changed[3] = changed[3]! ^ 1;
  const error = await failureOf(md.uploads.uploadFile(changed, { fileName, resume: checkpoint }));
  expect(isUploadSourceError(error)).toBe(true);
  expect(String(error)).toContain('differ');
  const shorter = await failureOf(
    md.uploads.uploadFile(content.subarray(1), { fileName, resume: checkpoint }),
  );
  expect(isUploadSourceError(shorter)).toBe(true);
  // The right one still can.
  await md.uploads.uploadFile(content, { fileName, resume: checkpoint });
});

test('a process that died after its last call finds the upload complete and sends nothing', async () => {
  const disk: UploadCheckpoint[] = [];
  const done = await md.uploads.uploadFile(content, {
    fileName,
    chunkBytes: CHUNK,
    onCheckpoint: (checkpoint) => void disk.push(checkpoint),
  });
  const calls = { ...sandbox.calls };
  const again = await md.uploads.uploadFile(content, { fileName, resume: disk.at(-1)! });
  expect(again).toEqual(done);
  const made = Object.entries(sandbox.calls).filter(([call, count]) => count !== calls[call]);
  expect(made.map(([call]) => call)).toEqual(['GET /vault_rest/file/status/{file_id}']);
});

test('a process that died between close and complete completes', async () => {
  const disk: UploadCheckpoint[] = [];
  proxy.answerInstead('POST', /transfer$/, 400);
  await failureOf(
    md.uploads.uploadFile(content, {
      fileName,
      chunkBytes: CHUNK,
      onCheckpoint: (one) => void disk.push(one),
    }),
  );
  expect(disk.at(-1)?.files[0]?.closed).toBe(true);
  const sent = countChunks(md);
  const { fileId } = await md.uploads.uploadFile(content, { fileName, resume: disk.at(-1)! });
  expect(sent()).toBe(0);
  expect((await md.files.status(fileId)).availabilityState).toBe('Available');
});

test('a process that died after the close and before it could store so completes as well', async () => {
  const disk: UploadCheckpoint[] = [];
  proxy.answerInstead('POST', /transfer$/, 400);
  await failureOf(
    md.uploads.uploadFile(content, {
      fileName,
      chunkBytes: CHUNK,
      onCheckpoint: (one) => void disk.push(one),
    }),
  );
  const open = disk.findLast(({ files }) => files[0]?.closed === false)!;
  expect(acknowledged(open)).toBe(11);
  const { fileId } = await md.uploads.uploadFile(content, { fileName, resume: open });
  expect((await md.files.status(fileId)).availabilityState).toBe('Available');
});

test('without a checkpoint a failed upload is aborted, and so is one that failed before there was any', async () => {
  const before = aborts();
  await failureOf(
    md.uploads.uploadFile(content, { fileName, beforeClose: () => Promise.reject(new Error('no')) }),
  );
  expect(aborts() - before).toBe(1);
  proxy.answerInstead('GET', /transfer_file/, 400);
  await failureOf(md.uploads.uploadFile(content, { fileName, onCheckpoint: () => undefined }));
  expect(aborts() - before).toBe(2);
});

test('an upload that is given up can be discarded', async () => {
  const { checkpoint } = await dieAfter(2);
  await md.uploads.discard(checkpoint);
  expect(await failureOf(md.uploads.uploadFile(content, { fileName, resume: checkpoint }))).toBeDefined();
});

test.each<[string, Partial<UploadFileOptions>]>([
  ['another name', { fileName: 'other.bin' }],
  ['another folder', { folder: 'x' }],
  ['method Stream', { method: 'Stream' }],
  ['another group', { groupId: '0123456789abcdef0123456789abcdef' }],
])('%s is refused before anything is sent', async (_, change) => {
  const { checkpoint } = await dieAfter(1);
  const calls = { ...sandbox.calls };
  const error = await failureOf(md.uploads.uploadFile(content, { fileName, resume: checkpoint, ...change }));
  expect(isInvalidRequestError(error)).toBe(true);
  expect(sandbox.calls).toEqual(calls);
  await md.uploads.discard(checkpoint);
});

test('a checkpoint holds no secret and stays small', async () => {
  const { disk, checkpoint } = await dieAfter(8);
  expect(Math.max(...disk.map(({ length }) => length))).toBeLessThan(1000);
  expect(disk.join()).not.toContain(sandbox.apiKey);
  await md.uploads.discard(checkpoint);
});
