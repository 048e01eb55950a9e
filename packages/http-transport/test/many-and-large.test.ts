import { createReadStream } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { createHash, randomBytes } from 'node:crypto';
import { failure, json, loopback, sha256 } from './loopback-server';
import { closeTransports, get, post, testTransport } from './transports';

afterEach(closeTransports);

const mebibyte = 1024 * 1024;
const length = 256 * mebibyte;
/**
 * Each block is memory of its own: of one block sent many times nobody would see how often it is kept. `made` less what
 * has arrived is what is held somewhere between; unlike the size of the process it does not depend on when V8 collects.
 */
let made = 0;
let arrived = 0;
let mostHeld = 0;
function* blocks(): Generator<Buffer> {
  for (let left = length; left > 0; left -= mebibyte) {
    made += mebibyte;
    mostHeld = Math.max(mostHeld, made - arrived);
    yield Buffer.alloc(mebibyte, 7);
  }
}
const generated = (): Readable => Readable.from(blocks(), { objectMode: false, highWaterMark: mebibyte });

describe('memory', () => {
  let server: Server;
  let url: string;
  beforeAll(async () => {
    server = createServer((request, response) => {
      if (request.method === 'GET') {
        response.writeHead(200, { 'content-length': length });
        generated().pipe(response);
        return;
      }
      request.on('data', (chunk: Buffer) => (arrived += chunk.length));
      request.on('end', () => json(response, 200, { arrived }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  beforeEach(() => {
    made = arrived = mostHeld = 0;
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  it('does not grow with an upload', async () => {
    const transport = testTransport({ baseUrl: url });
    const operation = post('keyed', () => ({ open: generated, length }));
    await expect(transport.call(operation, undefined)).resolves.toEqual({ arrived: length });
    expect(mostHeld).toBeLessThan(length / 8);
  });

  it('does not grow with a download', async () => {
    const transport = testTransport({ baseUrl: url });
    const { body } = await transport.download(get(), undefined);
    for await (const chunk of body) arrived += (chunk as Buffer).length;
    expect(arrived).toBe(length);
    expect(mostHeld).toBeLessThan(length / 8);
  });
});

it('many calls at once each get their own answer, and leave nothing behind', async () => {
  const warnings: unknown[] = [];
  const note = (warning: Error): unknown => warnings.push(warning.name);
  process.on('warning', note);
  const server = await loopback((request, response, { body }) => {
    const answer = { path: request.url, body: body.toString() };
    setTimeout(() => json(response, 200, answer), Math.random() * 20);
  });
  const transport = testTransport({ baseUrl: server.url });
  const { signal } = new AbortController();
  const operation = {
    ...post('keyed', () => ({ json: 1 })),
    path: '/things/{n}',
    encode: (n: number) => ({ params: { n }, body: { json: { n } } }),
  };
  const answers = await Promise.all(
    Array.from({ length: 300 }, (_, n) => transport.call(operation as never, n as never, { signal })),
  );
  expect(answers).toEqual(
    Array.from({ length: 300 }, (_, n) => ({ path: `/things/${n}`, body: `{"n":${n}}` })),
  );
  await new Promise((resolve) => setImmediate(resolve));
  process.off('warning', note);
  expect(warnings).toEqual([]);
  await transport.close();
  await server.close();
});

it('many calls that fail at once fail each for itself, and free every connection', async () => {
  const server = await loopback((request, response) => {
    const n = Number(request.url!.slice(1));
    if (n % 3 === 0) request.socket.resetAndDestroy();
    else if (n % 3 === 1) json(response, 404, {});
    else response.writeHead(200, { 'content-length': 100 }).write('x', () => request.socket.destroy());
  });
  const transport = testTransport({ baseUrl: server.url, retry: { maxAttempts: 1 } });
  const names = await Promise.all(
    Array.from({ length: 90 }, async (_, n) => {
      const { name } = await failure<Error>(transport.call(get(`/${n}`), undefined));
      return name;
    }),
  );
  expect(names).toEqual(names.map((_, n) => (n % 3 === 1 ? 'NotFoundError' : 'ConnectionError')));
  await transport.close();
  while (server.sockets.size > 0) await new Promise((resolve) => setImmediate(resolve));
  await server.close();
});

it('a file is sent with the same bytes in each try', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'mft-bridge-upload-'));
  const path = join(folder, 'file');
  const bytes = randomBytes(5 * mebibyte + 11);
  await writeFile(path, bytes);
  let left = 2;
  const server = await loopback((request, response) => {
    left -= 1;
    if (left >= 0) request.socket.resetAndDestroy();
    else json(response, 200, {});
  });
  const opened: string[] = [];
  const open = (): Readable => createReadStream(path).once('close', () => opened.push('closed'));
  await testTransport({ baseUrl: server.url }).call(
    post('keyed', () => ({ open, length: bytes.length })),
    undefined,
  );
  expect(server.seen.map(({ bytes: size, sha256: hash }) => [size, hash])).toEqual(
    Array.from({ length: 3 }, () => [bytes.length, sha256(bytes)]),
  );
  while (opened.length < 3) await new Promise((resolve) => setImmediate(resolve));
  expect(createHash('sha256').update(bytes).digest('hex')).toBe(server.seen[0]!.sha256);
  await server.close();
  await rm(folder, { recursive: true });
});
