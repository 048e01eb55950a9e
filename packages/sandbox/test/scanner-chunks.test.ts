import { randomBytes } from 'node:crypto';
import { readdir, readlink } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { startMetaDefenderSandbox, type MetaDefenderSandbox } from '../src/scanner/metadefender-sandbox';
import { MAX_CHUNK_BYTES } from '../src/scanner/receive-chunk';
import { call, ids, md5, openFile, sha256, upload } from './scanner-kit';

let scanner: MetaDefenderSandbox;
beforeAll(async () => {
  scanner = await startMetaDefenderSandbox();
});
afterAll(() => scanner.close());

describe('chunks', () => {
  const content = randomBytes(600_000);
  const part = (start: number, end: number): Buffer => content.subarray(start, end);
  const complete = async (opened: Awaited<ReturnType<typeof openFile>>): Promise<string> => {
    expect((await call(scanner, 'POST /transfer_file', ids(opened))).body).toEqual({ result: 'success' });
    await call(scanner, 'POST /transfer', { group_id: opened.groupId });
    return sha256((await call(scanner, `GET /file/${opened.fileId}`)).bytes);
  };

  test('come in any order and at the same time in Chunk mode', async () => {
    const opened = await openFile(scanner, 'chunks.bin', content.length);
    const starts = [400_000, 0, 200_000];
    const answers = await Promise.all(
      starts.map((start) => {
        const data = part(start, start + 200_000);
        const headers = { ...ids(opened), chunk_offset: String(start), chunk_checksum: md5(data) };
        return call(scanner, 'PATCH /transfer_file', headers, data);
      }),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    await expect(complete(opened)).resolves.toBe(sha256(content));
  });

  test('need an offset in Chunk mode', async () => {
    const opened = await openFile(scanner, 'a.bin', 5);
    await expect(call(scanner, 'PATCH /transfer_file', ids(opened), 'hello')).resolves.toMatchObject({
      status: 401,
      body: { message: 'Invalid parameter: chunk_offset' },
    });
  });

  test('come in order in Stream mode, with or without an offset', async () => {
    const opened = await openFile(scanner, 'stream.bin', content.length, 'Stream');
    const send = (start: number, end: number, headers = {}) =>
      call(scanner, 'PATCH /transfer_file', { ...ids(opened), ...headers }, part(start, end));
    await expect(send(100, 200, { chunk_offset: '100' })).resolves.toMatchObject({ status: 400 });
    await expect(send(0, 300_000)).resolves.toMatchObject({ status: 200 });
    await expect(send(0, 300_000, { chunk_offset: '0' })).resolves.toMatchObject({ status: 400 });
    await expect(send(300_000, 600_000, { chunk_offset: '300000' })).resolves.toMatchObject({ status: 200 });
    await expect(complete(opened)).resolves.toBe(sha256(content));
  });

  test('are checked against their MD5 only if one is sent; a refused one can be sent again', async () => {
    const opened = await openFile(scanner, 'sum.bin', 10);
    const send = (data: string, headers = {}) =>
      call(scanner, 'PATCH /transfer_file', { ...ids(opened), chunk_offset: '0', ...headers }, data);
    await expect(send('0123456789')).resolves.toMatchObject({ status: 200 });
    await expect(
      send('xxxxxxxxxx', { chunk_checksum: md5(Buffer.from('0123456789')) }),
    ).resolves.toMatchObject({
      status: 400,
      body: { message: expect.stringContaining('checksum'), status_code: 'BadRequest' },
    });
    // What had been acknowledged was written over: it does not count any more.
    await expect(call(scanner, 'POST /transfer_file', ids(opened))).resolves.toMatchObject({ status: 400 });
    await expect(send('0123456789')).resolves.toMatchObject({ status: 200 });
    await expect(complete(opened)).resolves.toBe(sha256(Buffer.from('0123456789')));
  });

  test('that were cut off do not count', async () => {
    const opened = await openFile(scanner, 'cut.bin', 1000);
    await new Promise<void>((resolve) => {
      const sent = httpRequest(`${scanner.url}/vault_rest/transfer_file`, {
        method: 'PATCH',
        headers: {
          authorization: `Bearer ${scanner.apiKey}`,
          ...ids(opened),
          chunk_offset: '0',
          'content-length': 1000,
        },
      });
      sent.on('error', () => resolve());
      sent.write(Buffer.alloc(900), () => setImmediate(() => sent.destroy(new Error('cut'))));
    });
    await expect(call(scanner, 'POST /transfer_file', ids(opened))).resolves.toMatchObject({ status: 400 });
  });

  test('over 100 MB are refused, whether they say so or not', async () => {
    const opened = await openFile(scanner, 'big.bin', MAX_CHUNK_BYTES * 2);
    for (const announced of [true, false]) {
      const status = await new Promise<number>((resolve, reject) => {
        const sent = httpRequest(`${scanner.url}/vault_rest/transfer_file`, {
          method: 'PATCH',
          headers: {
            authorization: `Bearer ${scanner.apiKey}`,
            ...ids(opened),
            chunk_offset: '0',
            ...(announced ? { 'content-length': MAX_CHUNK_BYTES + 1 } : { 'transfer-encoding': 'chunked' }),
          },
        });
        sent.on('error', reject).on('response', (response) => {
          response.resume();
          resolve(response.statusCode ?? 0);
        });
        const block = Buffer.alloc(MAX_CHUNK_BYTES / 10);
        for (let n = 0; n < 10; n += 1) sent.write(block);
        sent.end(Buffer.alloc(1));
      });
      expect(status).toBe(400);
    }
    await call(scanner, 'DELETE /transfer', { group_id: opened.groupId });
  });

  test('may not leave the announced size', async () => {
    const opened = await openFile(scanner, 'a.bin', 5);
    const send = (offset: string, data: string) =>
      call(scanner, 'PATCH /transfer_file', { ...ids(opened), chunk_offset: offset }, data);
    await expect(send('0', 'abcde')).resolves.toMatchObject({ status: 200 });
    const headers = { ...ids(opened), chunk_offset: '3' };
    await expect(call(scanner, 'PATCH /transfer_file', headers, 'abc')).resolves.toMatchObject({
      status: 400,
    });
    await expect(
      call(scanner, 'PATCH /transfer_file', { ...ids(opened), chunk_offset: '6' }, 'a'),
    ).resolves.toMatchObject({ status: 401 });
    // Nothing of them was written, so what was acknowledged before still counts.
    await expect(complete(opened)).resolves.toBe(sha256(Buffer.from('abcde')));
  });
});

test('the first large files may arrive at the same moment', async () => {
  const fresh = await startMetaDefenderSandbox();
  const contents = [1, 2, 3, 4].map((seed) => Buffer.alloc(400_000, seed));
  const files = await Promise.all(contents.map((content, n) => upload(fresh, `${n}.bin`, content)));
  for (const [n, { fileId }] of files.entries()) {
    const { bytes } = await call(fresh, `GET /file/${fileId}`);
    expect(bytes.equals(contents[n]!)).toBe(true);
  }
  await fresh.close();
});

test('an upload that was not completed holds no file open after the end', async () => {
  const openFiles = async (): Promise<number> => {
    // Only Linux tells; elsewhere this compares nothing with nothing.
    const names = await readdir('/proc/self/fd').catch(() => []);
    const targets = await Promise.all(names.map((name) => readlink(`/proc/self/fd/${name}`).catch(() => '')));
    return targets.filter((target) => target.includes('mft-bridge-sandbox-')).length;
  };
  const before = await openFiles();
  const ending = await startMetaDefenderSandbox();
  const opened = await openFile(ending, 'large.bin', 800_000);
  await call(ending, 'PATCH /transfer_file', { ...ids(opened), chunk_offset: '0' }, Buffer.alloc(400_000));
  await ending.close();
  expect(await openFiles()).toBe(before);
});
