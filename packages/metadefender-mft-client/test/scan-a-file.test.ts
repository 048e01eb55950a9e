import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MetaDefenderSandbox } from '@mft-bridge/sandbox';
import { startMetaDefenderSandbox } from '@mft-bridge/sandbox';
import { asciiFileName, isInvalidRequestError, isNotClearedError, MetaDefenderClient } from '../src/index';
import type { UploadProgress } from '../src/index';

/** Put together here: the string itself would have virus scanners take the checkout apart. */
const eicar = Buffer.from(
  ['X5O!P%@AP[4\\PZX54(P^)7CC)7}', '$EICAR-STANDARD', '-ANTIVIRUS-TEST-FILE!', '$H+H*'].join(''),
);
const scriptedSvg = Buffer.from(
  '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script><rect width="1" height="1"/></svg>',
);
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

let sandbox: MetaDefenderSandbox;
let md: MetaDefenderClient;
let folder: string;
const atEnd: (() => Promise<void>)[] = [];

beforeAll(async () => {
  sandbox = await startMetaDefenderSandbox();
  md = new MetaDefenderClient({ baseUrl: sandbox.url, auth: { apiKey: sandbox.apiKey } });
  folder = await mkdtemp(join(tmpdir(), 'mdmft-'));
});
afterAll(async () => {
  for (const close of atEnd.reverse()) await close();
  await md.close();
  await sandbox.close();
  await rm(folder, { recursive: true });
});

const quick = { minIntervalMs: 5, maxIntervalMs: 20, timeoutMs: 10_000 };

test('a harmless file is cleared, and the bytes that were cleared can be fetched', async () => {
  const path = join(folder, 'invoice.pdf');
  const content = randomBytes(30_000);
  await writeFile(path, content);

  const verdict = await md.scanFile(path, quick);
  expect(verdict).toMatchObject({
    status: 'cleared',
    sanitized: false,
    name: 'invoice.pdf',
    size: 30_000,
    reasons: [],
  });
  expect(verdict.upload).toMatchObject({ fileName: 'invoice.pdf', size: 30_000, sha256: sha256(content) });
  expect(sandbox.verdictOf(sha256(content))).toBe('allowed');

  const target = join(folder, 'clean.pdf');
  expect(await md.files.downloadCleared(verdict, target)).toEqual({
    path: target,
    size: 30_000,
    sha256: sha256(content),
  });
  expect((await readFile(target)).equals(content)).toBe(true);
  expect(sandbox.files.find((file) => file.fileId === verdict.fileId)?.notifications).toBe(0);
});

test('EICAR is blocked, and cannot be fetched as cleared', async () => {
  const verdict = await md.scanFile(eicar, { ...quick, fileName: 'eicar.com' });
  expect(sandbox.verdictOf(sha256(eicar))).toBe('blocked');
  expect(verdict).toMatchObject({ status: 'blocked', reasons: [{ code: 'blocked' }] });
  const error: unknown = await md.files
    .downloadCleared(verdict, join(folder, 'never'))
    .catch((one: unknown) => one);
  expect(isNotClearedError(error)).toBe(true);
  expect(await readdir(folder)).not.toContain('never');
});

test('a sanitized file is cleared as sanitized, and what is fetched are the sanitized bytes', async () => {
  const verdict = await md.scanFile(scriptedSvg, { ...quick, fileName: 'logo.svg' });
  expect(verdict).toMatchObject({ status: 'cleared', sanitized: true });
  expect(verdict.size).not.toBe(scriptedSvg.length);
  const fetched = await md.files.downloadCleared(verdict, join(folder, 'logo.svg'));
  const { sanitized } = sandbox.files.find((file) => file.fileId === verdict.fileId)!;
  expect(fetched).toMatchObject({ sha256: sanitized?.sha256, size: sanitized?.size });
});

test('a small file takes five calls', async () => {
  const before = { ...sandbox.calls };
  await md.uploads.uploadFile(Buffer.from('hello'), { fileName: 'hello.txt' });
  const made = Object.entries(sandbox.calls).flatMap(([call, count]) => {
    const more = count - (before[call] ?? 0);
    return more === 0 ? [] : [[call, more]];
  });
  expect(Object.fromEntries(made)).toEqual({
    'GET /vault_rest/transfer': 1,
    'GET /vault_rest/transfer_file': 1,
    'PATCH /vault_rest/transfer_file': 1,
    'POST /vault_rest/transfer_file': 1,
    'POST /vault_rest/transfer': 1,
  });
});

test.each([
  ['path', 'Chunk'],
  ['stream', 'Chunk'],
  ['path', 'Stream'],
] as const)(
  'a file of many chunks arrives whole from a %s by method %s, with progress up to its size',
  async (kind, method) => {
    const path = join(folder, 'large.bin');
    const content = randomBytes(11_000_003);
    await writeFile(path, content);
    const seen: UploadProgress[] = [];
    const order: string[] = [];
    const result = await md.uploads.uploadFile(
      kind === 'path' ? path : { open: () => new Blob([content]).stream() },
      {
        fileName: 'large.bin',
        method,
        chunkBytes: 1_500_000,
        onProgress: (progress) => {
          order.push('progress');
          seen.push(progress);
        },
        onFileOpened: async (fileId) => {
          await new Promise(setImmediate);
          order.push(`opened ${fileId}`);
        },
        beforeClose: (sent) => {
          order.push('before close');
          expect(sent).toEqual({ size: content.length, sha256: sha256(content) });
        },
      },
    );
    expect(result.sha256).toBe(sha256(content));
    const verdict = await md.files.waitForVerdict(result.fileId, quick);
    expect(verdict.status).toBe('cleared');
    expect(sandbox.files.find((file) => file.fileId === result.fileId)?.sha256).toBe(sha256(content));
    expect(order[0]).toBe(`opened ${result.fileId}`);
    expect(order.at(-1)).toBe('before close');
    expect(seen.at(-1)).toEqual({ sent: content.length, total: content.length });
    expect(seen.every(({ sent }, index) => sent > (seen[index - 1]?.sent ?? 0))).toBe(true);
  },
);

test('many uploads at once share the memory and do not mix', async () => {
  const small = new MetaDefenderClient({
    baseUrl: sandbox.url,
    auth: { apiKey: sandbox.apiKey },
    uploadBufferBytes: 3_000_000,
  });
  atEnd.push(() => small.close());
  const contents = Array.from({ length: 8 }, () => randomBytes(2_500_000));
  const results = await Promise.all(
    contents.map((content, index) =>
      small.uploads.uploadFile(
        { open: () => new Blob([content]).stream(), size: content.length },
        {
          fileName: `file-${String(index)}.bin`,
          chunkBytes: 1_100_000,
        },
      ),
    ),
  );
  await Promise.all(results.map(({ fileId }) => small.files.waitForVerdict(fileId, quick)));
  results.forEach(({ fileId }, index) => {
    expect(sandbox.files.find((file) => file.fileId === fileId)?.sha256).toBe(sha256(contents[index]!));
  });
});

test('an empty file is uploaded without a chunk', async () => {
  const { sha256: sum, size } = await md.uploads.uploadFile(Buffer.alloc(0), { fileName: 'empty.txt' });
  expect({ sum, size }).toEqual({ sum: sha256(Buffer.alloc(0)), size: 0 });
});

test('a name that headers cannot carry for certain is refused before anything is opened', async () => {
  const before = sandbox.calls['GET /vault_rest/transfer_file'];
  const error: unknown = await md.uploads
    .uploadFile(Buffer.from('x'), { fileName: 'Übersicht.pdf' })
    .catch((one: unknown) => one);
  expect(isInvalidRequestError(error)).toBe(true);
  expect(String(error)).toContain('asciiFileName');
  expect(sandbox.calls['GET /vault_rest/transfer_file']).toBe(before);
  const { fileName } = await md.uploads.uploadFile(Buffer.from('x'), {
    fileName: asciiFileName('Übersicht.pdf'),
  });
  expect(fileName).toBe('Ubersicht.pdf');
});

test('raw UTF-8 carries any name to a server that reads it so', async () => {
  const utf8 = new MetaDefenderClient({
    baseUrl: sandbox.url,
    auth: { apiKey: sandbox.apiKey },
    fileNames: 'utf8-latin1',
  });
  atEnd.push(() => utf8.close());
  const { fileId } = await utf8.uploads.uploadFile(Buffer.from('x'), {
    fileName: 'Übersicht 报告.pdf',
    folder: 'Eingänge\\2026',
  });
  expect(await utf8.files.status(fileId)).toMatchObject({
    name: 'Übersicht 报告.pdf',
    path: 'Eingänge\\2026',
  });
  expect(await utf8.files.findByName('Übersicht 报告.pdf')).toMatchObject([{ fileId }]);
});

test('an upload that is to expire does', async () => {
  let now = Date.UTC(2026, 0, 1);
  const aging = await startMetaDefenderSandbox({ clock: () => now });
  atEnd.push(() => aging.close());
  const client = new MetaDefenderClient({ baseUrl: aging.url, auth: { apiKey: aging.apiKey } });
  atEnd.push(() => client.close());
  const { fileId } = await client.uploads.uploadFile(Buffer.from('x'), {
    fileName: 'x.txt',
    expiresAfterMs: 3_600_000,
  });
  now += 3_599_000;
  expect((await client.files.waitForVerdict(fileId, quick)).status).toBe('cleared');
  now += 2000;
  expect(await client.files.waitForVerdict(fileId, quick)).toMatchObject({
    status: 'held',
    reasons: [{ code: 'expired' }],
  });
});

test('files can be listed, found, walked through page by page and deleted', async () => {
  const uploads = [];
  for (let index = 0; index < 5; index += 1) {
    uploads.push(
      await md.uploads.uploadFile(Buffer.from(String(index)), { fileName: `listed ${String(index)}.txt` }),
    );
  }
  const page = await md.files.list({ type: 'my', find: 'listed', count: 2 });
  expect(page.total).toBe(5);
  expect(page.items).toHaveLength(2);
  const all = await md.files.iterate({ type: 'my', find: 'listed', count: 2 }).toArray({ limit: 100 });
  expect(all.map((file) => file.fileId)).toEqual(uploads.map((upload) => upload.fileId));
  expect(await md.files.iterate({ type: 'my', find: 'listed' }).toArray({ limit: 3 })).toHaveLength(3);
  expect(await md.files.findByName('listed 3.txt')).toMatchObject([{ fileId: uploads[3]!.fileId, size: 1 }]);

  await md.files.delete(uploads[0]!.fileId);
  const gone = '0'.repeat(32);
  const bulk = await md.files.deleteMany([uploads[1]!.fileId, gone]);
  expect(bulk.succeeded).toHaveLength(1);
  expect(bulk.failed).toMatchObject([{ key: 'API_CANNOTDELETEFILENOTFOUND' }]);
  expect((await md.files.deleteMany([uploads[2]!.fileId])).succeeded).toHaveLength(1);
  expect((await md.files.list({ type: 'my', find: 'listed' })).total).toBe(2);
});

test('an encrypted archive is held, with the reason that the scanner gave', async () => {
  // An empty ZIP member with the flag "encrypted", put together by hand.
  const name = Buffer.from('a.txt');
  const common = Buffer.alloc(26);
  common.writeUInt16LE(20, 0);
  common.writeUInt16LE(1, 2);
  common.writeUInt32LE(12, 14);
  common.writeUInt16LE(name.length, 22);
  const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, name, randomBytes(12)]);
  const central = Buffer.concat([Buffer.from('PK\x01\x02\x14\x00'), common, Buffer.alloc(14), name]);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 0, 'latin1');
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(local.length, 16);
  const verdict = await md.scanFile(Buffer.concat([local, central, end]), {
    ...quick,
    fileName: 'secret.zip',
  });
  expect(verdict).toMatchObject({ status: 'held', reasons: [{ code: 'processing-failed' }] });
  expect(verdict.reasons[0]?.text).toContain('Reason given');
});

test('the version can be asked for', async () => {
  expect(await md.version()).toBe('3.11.5');
});
