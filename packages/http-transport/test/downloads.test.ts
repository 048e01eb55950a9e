import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { ConnectionError, NotFoundError } from '../src/index';
import { failure, json, loopback, sha256 } from './loopback-server';
import type { Loopback, Reaction } from './loopback-server';
import { closeTransports, get, testTransport } from './transports';

let server: Loopback;
afterEach(async () => {
  await closeTransports();
  await server.close();
});

const big = randomBytes(5 * 1024 * 1024 + 3);
const hashOf = async (stream: Readable): Promise<string> => {
  const hash = createHash('sha256');
  for await (const chunk of stream) hash.update(chunk as Buffer);
  return hash.digest('hex');
};
const serve = async (react: Reaction): Promise<Loopback> => (server = await loopback(react));
const socketsGone = async (): Promise<void> => {
  while (server.sockets.size > 0) await new Promise((resolve) => setImmediate(resolve));
};

it('hands out the bytes as they are, with size and type, and asks for no encoding', async () => {
  await serve((_, response) => {
    response.writeHead(200, { 'content-length': big.length, 'content-type': 'application/edi-x12' });
    response.end(big);
  });
  const transport = testTransport({ baseUrl: server.url });
  const download = await transport.download(get(), undefined);
  expect(download).toMatchObject({
    size: big.length,
    contentType: 'application/edi-x12',
    status: 200,
    attempts: 1,
  });
  // Read ahead in steps of 1 MiB; with Node's 64 KiB a transfer is a quarter slower.
  expect(download.body.readableHighWaterMark).toBe(1024 * 1024);
  await expect(hashOf(download.body)).resolves.toBe(sha256(big));
  expect(server.seen[0]!.headers['accept-encoding']).toBe('identity');
  // The connection went back to the pool.
  await hashOf((await transport.download(get(), undefined)).body);
  expect(server.connections).toBe(1);
});

it('takes an empty file', async () => {
  await serve((_, response) => response.writeHead(200, { 'content-length': 0 }).end());
  const { body, size } = await testTransport({ baseUrl: server.url }).download(get(), undefined);
  expect(size).toBe(0);
  await expect(hashOf(body)).resolves.toBe(sha256(Buffer.alloc(0)));
});

it('errors where the body is shorter than announced', async () => {
  await serve((request, response) => {
    response.writeHead(200, { 'content-length': big.length });
    response.write(big.subarray(0, 100_000), () => request.socket.destroy());
  });
  const { body } = await testTransport({ baseUrl: server.url }).download(get(), undefined);
  const error = await failure(hashOf(body));
  expect(error).toBeInstanceOf(ConnectionError);
  expect(error).toMatchObject({ message: expect.stringContaining('the answer broke off') });
});

it('errors where a chunked body breaks off', async () => {
  await serve((request, response) => {
    response.writeHead(200);
    response.write(big.subarray(0, 100_000), () => request.socket.destroy());
  });
  const { body } = await testTransport({ baseUrl: server.url }).download(get(), undefined);
  await expect(failure(hashOf(body))).resolves.toBeInstanceOf(ConnectionError);
});

it('errors where the server stands still', async () => {
  await serve((_, response) => {
    response.writeHead(200, { 'content-length': 10 });
    response.write('x');
  });
  const { body } = await testTransport({ baseUrl: server.url, clocks: { idleMs: 100 } }).download(
    get(),
    undefined,
  );
  await expect(failure(hashOf(body))).resolves.toMatchObject({ name: 'TimeoutError', clock: 'idle' });
  await socketsGone();
});

it('waits for a slow reader, and still sees the server stand still afterwards', async () => {
  await serve((_, response) => {
    response.writeHead(200, { 'content-length': 40 * 1024 * 1024 });
    response.write(Buffer.alloc(39 * 1024 * 1024));
  });
  const transport = testTransport({ baseUrl: server.url, clocks: { idleMs: 500 } });
  const { body } = await transport.download(get(), undefined);
  body.pause();
  const failed = failure(hashOfSlowly(body));
  await expect(failed).resolves.toMatchObject({ name: 'TimeoutError', clock: 'idle' });
  expect(read).toBe(39 * 1024 * 1024);
});
let read = 0;
const hashOfSlowly = async (body: Readable): Promise<void> => {
  await new Promise((resolve) => setTimeout(resolve, 1000));
  for await (const chunk of body) read += (chunk as Buffer).length;
};

it('sees the server stand still when the reader comes back to buffers that hold all there is', async () => {
  await serve((_, response) => {
    response.writeHead(200, { 'content-length': 10_000_000 });
    response.write(big.subarray(0, 1_500_000));
  });
  const { body } = await testTransport({ baseUrl: server.url, clocks: { idleMs: 100 } }).download(
    get(),
    undefined,
  );
  body.read(0);
  await new Promise((resolve) => setTimeout(resolve, 400));
  expect(body.destroyed).toBe(false);
  await expect(failure(hashOf(body))).resolves.toMatchObject({ name: 'TimeoutError', clock: 'idle' });
});

it('keeps the total clock running to the end of the body', async () => {
  await serve((_, response) => {
    response.writeHead(200);
    const timer = setInterval(() => response.write('x'), 20);
    response.on('close', () => clearInterval(timer));
  });
  const { body } = await testTransport({ baseUrl: server.url, clocks: { totalMs: 150 } }).download(
    get(),
    undefined,
  );
  await expect(failure(hashOf(body))).resolves.toMatchObject({ name: 'TimeoutError', clock: 'total' });
  await socketsGone();
});

it('frees its connection when it is destroyed unread', async () => {
  await serve((_, response) => {
    response.writeHead(200, { 'content-length': 1e9 });
    response.write(big);
  });
  const { body } = await testTransport({ baseUrl: server.url }).download(get(), undefined);
  body.destroy();
  await once(body, 'close');
  await socketsGone();
});

it.each(['the signal', 'close()'])('ends by %s', async (by) => {
  await serve((_, response) => {
    response.writeHead(200, { 'content-length': 1e9 });
    response.write(big);
  });
  const given = new AbortController();
  const transport = testTransport({ baseUrl: server.url });
  const { body } = await transport.download(get(), undefined, { signal: given.signal });
  const reading = failure(hashOf(body));
  if (by === 'close()') await transport.close();
  else given.abort();
  await expect(reading).resolves.toMatchObject({ name: 'AbortedError' });
  await socketsGone();
});

it('is retried until its headers are there, and not after', async () => {
  let times = 0;
  await serve((request, response) => {
    times += 1;
    if (times === 1) json(response, 503, {});
    else if (times === 2) request.socket.resetAndDestroy();
    else response.writeHead(200, { 'content-length': 2 }).end('ok');
  });
  const download = await testTransport({ baseUrl: server.url }).download(get(), undefined);
  expect(download.attempts).toBe(3);
  await expect(hashOf(download.body)).resolves.toBe(sha256(Buffer.from('ok')));
});

it('raises the error of its status, not a stream', async () => {
  await serve((_, response) => json(response, 404, {}));
  await expect(
    failure(testTransport({ baseUrl: server.url }).download(get(), undefined)),
  ).resolves.toBeInstanceOf(NotFoundError);
});

it('says when the server encoded the bytes although it was not asked to', async () => {
  await serve((_, response) =>
    response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': 3 }).end('zip'),
  );
  const download = await testTransport({ baseUrl: server.url }).download(get(), undefined);
  expect(download.contentEncoding).toBe('gzip');
  await expect(hashOf(download.body)).resolves.toBe(sha256(Buffer.from('zip')));
});

it('does not read ahead of a reader that has stopped', async () => {
  let written = 0;
  await serve((_, response) => {
    response.writeHead(200);
    const pump = (): void => {
      while (written < 500 * 1024 * 1024) {
        written += 1024 * 1024;
        if (!response.write(Buffer.alloc(1024 * 1024))) {
          response.once('drain', pump);
          return;
        }
      }
    };
    pump();
  });
  const { body } = await testTransport({ baseUrl: server.url }).download(get(), undefined);
  body.read(1);
  await new Promise((resolve) => setTimeout(resolve, 300));
  // What the kernel's and our own buffers hold; without backpressure it would be all of it.
  expect(written).toBeLessThan(40 * 1024 * 1024);
  body.destroy();
});
