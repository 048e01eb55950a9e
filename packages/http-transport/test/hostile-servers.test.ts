import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { brotliCompressSync, constants, deflateSync, gzipSync } from 'node:zlib';
import type { Transport, TransportOptions } from '../src/index';
import { failure } from './loopback-server';
import { closeTransports, get, testTransport } from './transports';

let server: Server;
const sockets = new Set<Socket>();
afterEach(async () => {
  await closeTransports();
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
});

/** A server that writes what it likes. */
async function raw(
  onRequest: (socket: Socket, request: number) => void,
  options: Partial<TransportOptions> = {},
): Promise<Transport> {
  let requests = 0;
  server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', () => onRequest(socket, (requests += 1)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return testTransport({
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    // Not what ends these calls, however slow the machine is.
    clocks: { headersMs: 60_000, idleMs: 60_000, totalMs: 60_000 },
    retry: { maxAttempts: 1 },
    ...options,
  });
}
const flood = (socket: Socket, text: string): void => {
  const more = (): void => {
    if (socket.destroyed) return;
    socket.write(text);
    setImmediate(more);
  };
  more();
};
const ok = 'HTTP/1.1 200 OK\r\n';
const allGone = async (): Promise<void> => {
  while (sockets.size > 0) await new Promise((resolve) => setImmediate(resolve));
};

describe('a server that never comes to the point', () => {
  it.each<[string, (socket: Socket) => void, object]>([
    [
      'a flood of 100 Continue',
      (socket) => flood(socket, 'HTTP/1.1 100 Continue\r\n\r\n'),
      { clock: 'headers' },
    ],
    [
      'a flood of 103 Early Hints',
      (socket) => flood(socket, 'HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n'),
      { clock: 'headers' },
    ],
    [
      'headers that never end',
      (socket) => (socket.write(ok), flood(socket, 'X-A: aaaaaaaaaaaaaaaaaaaa\r\n')),
      { code: 'HPE_HEADER_OVERFLOW' },
    ],
    [
      'headers that trickle',
      (socket) => void (socket.write(`${ok}X-A: `), setInterval(() => socket.write('a'), 20).unref()),
      { clock: 'headers' },
    ],
    [
      'chunk extensions without end',
      (socket) => (
        socket.write(`${ok}Transfer-Encoding: chunked\r\n\r\n1;`),
        flood(socket, 'a=b;'.repeat(1000))
      ),
      { name: 'ConnectionError' },
    ],
    [
      'trailers without end',
      (socket) => (
        socket.write(`${ok}Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n`),
        flood(socket, `X-T: ${'b'.repeat(1000)}\r\n`)
      ),
      { name: 'ConnectionError' },
    ],
    ['a FIN instead of an answer', (socket) => void socket.end(), { code: 'ECONNRESET' }],
    [
      'a FIN in the middle of its headers',
      (socket) => void socket.end(`${ok}Content-`),
      { name: 'ConnectionError' },
    ],
    [
      'a change of protocol',
      (socket) =>
        void socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n'),
      { code: 'HPE_UNEXPECTED_UPGRADE' },
    ],
    [
      'both a length and chunks',
      (socket) => void socket.write(`${ok}Content-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`),
      { name: 'ConnectionError' },
    ],
    [
      'two lengths',
      (socket) => void socket.write(`${ok}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}`),
      { name: 'ConnectionError' },
    ],
  ])('%s', async (_, act, expected) => {
    const transport = await raw(act, 'clock' in expected ? { clocks: { headersMs: 200, idleMs: 200 } } : {});
    const before = process.memoryUsage().rss;
    const error = await failure<Error>(transport.call(get(), undefined));
    expect(error).toMatchObject({ outcome: 'unknown', ...expected });
    expect(error.name).toMatch(/^(Timeout|Connection)Error$/);
    expect(process.memoryUsage().rss - before).toBeLessThan(200e6);
    await allGone();
  });

  it('a change of protocol does not leave a call without clocks hanging', async () => {
    const transport = await raw(
      (socket) =>
        socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n'),
      {
        clocks: { headersMs: 0, idleMs: 0, totalMs: 0 },
      },
    );
    await expect(failure(transport.call(get(), undefined))).resolves.toMatchObject({
      name: 'ConnectionError',
    });
  });
});

describe('a Content-Length that', () => {
  it.each<[string, string, object]>([
    ['is larger than any file', '9'.repeat(15), { name: 'ConnectionError' }],
    ['no number can hold', '9'.repeat(40), { name: 'ConnectionError' }],
    ['is negative', '-1', { name: 'ConnectionError' }],
    ['has a sign', '+2', { name: 'ConnectionError' }],
    ['is a list', '2, 2', { name: 'ConnectionError' }],
    ['is no number', '0x2', { name: 'ConnectionError' }],
  ])('%s is no whole answer, read or downloaded', async (_, length, expected) => {
    const transport = await raw((socket) => void socket.end(`${ok}Content-Length: ${length}\r\n\r\n{}`));
    const before = process.memoryUsage().arrayBuffers;
    await expect(failure(transport.call(get(), undefined))).resolves.toMatchObject(expected);
    const download = async (): Promise<unknown> =>
      (await transport.download(get(), undefined)).body.toArray();
    await expect(failure(download())).resolves.toMatchObject(expected);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20_000_000);
    await allGone();
  });
});

describe('a compressed answer', () => {
  const plain = Buffer.from(JSON.stringify({ a: 'x'.repeat(100_000) }));
  const zipped = gzipSync(plain);
  const head = (encoding: string, length: number): string =>
    `${ok}Content-Type: application/json\r\nContent-Encoding: ${encoding}\r\nContent-Length: ${length}\r\n\r\n`;

  it('that stands still runs into the idle clock', async () => {
    const transport = await raw(
      (socket) => (socket.write(head('gzip', zipped.length)), socket.write(zipped.subarray(0, 100))),
      { clocks: { headersMs: 60_000, idleMs: 200 } },
    );
    await expect(failure(transport.call(get(), undefined))).resolves.toMatchObject({ clock: 'idle' });
    await allGone();
  });

  it('that is cut is a cut answer', async () => {
    const transport = await raw(
      (socket) => (
        socket.write(head('gzip', zipped.length)),
        socket.write(zipped.subarray(0, 100), () => socket.destroy())
      ),
    );
    await expect(failure(transport.call(get(), undefined))).resolves.toMatchObject({
      name: 'ConnectionError',
      outcome: 'unknown',
    });
  });

  it('that is short, with a length that says so, is no JSON', async () => {
    const transport = await raw(
      (socket) => (socket.write(head('gzip', 100)), socket.write(zipped.subarray(0, 100))),
    );
    await expect(failure(transport.call(get(), undefined))).resolves.toMatchObject({
      name: 'ResponseShapeError',
    });
  });

  it.each<[string, (bytes: Buffer) => Buffer]>([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', (bytes) => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } })],
  ])('that unfolds to forty times the limit is given up at the limit: %s', async (encoding, compress) => {
    const bomb = compress(Buffer.alloc(40_000_000));
    const transport = await raw((socket) => (socket.write(head(encoding, bomb.length)), socket.write(bomb)), {
      maxResponseBytes: 1_000_000,
    });
    const before = process.memoryUsage();
    const error = await failure(transport.call(get(), undefined));
    expect(error).toMatchObject({
      name: 'ResponseShapeError',
      message: expect.stringContaining('larger than 1000000 bytes'),
    });
    expect(process.memoryUsage().arrayBuffers - before.arrayBuffers).toBeLessThan(20_000_000);
  });

  it('of an error is read no further than an error may be', async () => {
    const bomb = gzipSync(Buffer.alloc(40_000_000, 'x'));
    const transport = await raw(
      (socket) => (
        socket.write(`HTTP/1.1 500 No\r\nContent-Encoding: gzip\r\nContent-Length: ${bomb.length}\r\n\r\n`),
        socket.write(bomb)
      ),
    );
    const error = await failure<{ body: string }>(transport.call(get(), undefined));
    expect(error).toMatchObject({ name: 'ServerError', status: 500 });
    expect(error.body).toHaveLength(2048);
    await allGone();
  });
});

it('an answer without end is given up at the limit', async () => {
  const transport = await raw((socket) => (socket.write(`${ok}\r\n`), flood(socket, 'x'.repeat(100_000))), {
    maxResponseBytes: 1_000_000,
  });
  await expect(failure(transport.call(get(), undefined))).resolves.toMatchObject({
    name: 'ResponseShapeError',
  });
  await allGone();
});

it('an answer that nobody asked for is not taken for the answer to the next call', async () => {
  const poison = `${ok}Content-Length: 12\r\n\r\n{"poison":1}`;
  const answer = (request: number): string => `${ok}Content-Length: 10\r\n\r\n{"call":${request}}`;
  const transport = await raw((socket, request) => {
    if (request === 1) socket.write(answer(1) + poison);
    else socket.write(answer(request), () => setTimeout(() => socket.write(poison), 5));
  });
  for (let times = 1; times < 5; times += 1) {
    await expect(transport.call(get(), undefined)).resolves.toEqual({ call: times });
    // It was read, and its connection given up.
    await allGone();
  }
});

it('JSON nested a million times deep is refused, and does not end the process', async () => {
  const body = '['.repeat(1_000_000);
  const transport = await raw(
    (socket) =>
      void socket.write(
        `${ok}Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      ),
  );
  await expect(failure(transport.call(get(), undefined))).resolves.toMatchObject({
    name: 'ResponseShapeError',
  });
});

it('JSON made to keep a parser busy is refused in a moment', async () => {
  const body = `1234567890123456 "${'\\"'.repeat(500_000)}`;
  const transport = await raw(
    (socket) =>
      void socket.write(
        `${ok}Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      ),
  );
  const cpu = process.cpuUsage();
  await expect(failure(transport.call(get(), undefined))).resolves.toMatchObject({
    name: 'ResponseShapeError',
  });
  // By an expression that goes back over the text it took 4.5 s for a twentieth of it.
  expect(process.cpuUsage(cpu).user).toBeLessThan(3_000_000);
});
