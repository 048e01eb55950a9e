import { createHash, randomBytes } from 'node:crypto';
import type { MetaDefenderSandbox } from '@mft-bridge/sandbox';
import { startMetaDefenderSandbox } from '@mft-bridge/sandbox';
import { isInvalidRequestError, MetaDefenderClient } from '../src/index';
import type { UploadCheckpoint } from '../src/index';

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const failureOf = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );
let sandbox: MetaDefenderSandbox;
let md: MetaDefenderClient;
beforeEach(async () => {
  sandbox = await startMetaDefenderSandbox();
  md = new MetaDefenderClient({ baseUrl: sandbox.url, auth: { apiKey: sandbox.apiKey } });
});
afterEach(async () => {
  await md.close();
  await sandbox.close();
});

const some = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    source: randomBytes(1000 + index),
    fileName: `file-${String(index)}.bin`,
  }));

test('several files go into one group, in two calls and three for each', async () => {
  const files = some(9);
  const { groupId, files: sent } = await md.uploads.uploadFiles(files, { parallelFiles: 3 });
  expect(sent.map(({ fileName, sha256: sum }) => [fileName, sum])).toEqual(
    files.map(({ fileName, source }) => [fileName, sha256(source)]),
  );
  expect(new Set(sent.map((file) => file.groupId))).toEqual(new Set([groupId]));
  expect(sandbox.calls).toEqual({
    'GET /vault_rest/transfer': 1,
    'GET /vault_rest/transfer_file': 9,
    'PATCH /vault_rest/transfer_file': 9,
    'POST /vault_rest/transfer_file': 9,
    'POST /vault_rest/transfer': 1,
  });
  const { verdicts } = await md.files.waitForVerdicts(
    sent.map(({ fileId, size }) => ({ fileId, expected: { size } })),
    { minIntervalMs: 5, perSecond: 200 },
  );
  expect([...verdicts.values()].map(({ status }) => status)).toEqual(Array(9).fill('cleared'));
});

test('one file that fails keeps all of them from becoming visible', async () => {
  const files = some(5);
  const error = await failureOf(
    md.uploads.uploadFiles([
      ...files.slice(0, 3),
      { ...files[3]!, beforeClose: () => Promise.reject(new Error('not this one')) },
      files[4]!,
    ]),
  );
  expect(String(error)).toContain('not this one');
  expect(sandbox.files).toHaveLength(0);
  expect(sandbox.calls['DELETE /vault_rest/transfer']).toBe(1);
});

test('a path that does not exist opens no group', async () => {
  await failureOf(md.uploads.uploadFiles([{ source: '/no/such/file.bin' }]));
  expect(sandbox.calls).toEqual({});
});

test('a group is resumed: finished files are not sent again, files that were not begun are', async () => {
  const files = some(6);
  const disk: UploadCheckpoint[] = [];
  await failureOf(
    md.uploads.uploadFiles(files, {
      parallelFiles: 1,
      onCheckpoint: (checkpoint) => {
        disk.push(JSON.parse(JSON.stringify(checkpoint)) as UploadCheckpoint);
        if (checkpoint.files.filter(({ closed }) => closed).length === 3) throw new Error('killed');
      },
    }),
  );
  expect(sandbox.calls['DELETE /vault_rest/transfer']).toBeUndefined();
  const { files: sent } = await md.uploads.uploadFiles(files, { resume: disk.at(-1)!, parallelFiles: 2 });
  expect(sent.map(({ sha256: sum }) => sum)).toEqual(files.map(({ source }) => sha256(source)));
  expect(sandbox.calls['PATCH /vault_rest/transfer_file']).toBe(6);
  expect(sandbox.calls['GET /vault_rest/transfer']).toBe(1);
  expect(sandbox.files.map(({ sha256: sum }) => sum).sort()).toEqual(
    files.map(({ source }) => sha256(source)).sort(),
  );
});

test('no file, and a checkpoint of more files than there are, are refused', async () => {
  expect(isInvalidRequestError(await failureOf(md.uploads.uploadFiles([])))).toBe(true);
  const disk: UploadCheckpoint[] = [];
  const files = some(2);
  await md.uploads.uploadFiles(files, { onCheckpoint: (one) => void disk.push(one) });
  const error = await failureOf(md.uploads.uploadFiles(files.slice(0, 1), { resume: disk.at(-1)! }));
  expect(isInvalidRequestError(error)).toBe(true);
});
