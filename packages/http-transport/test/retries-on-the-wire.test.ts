import { randomBytes } from 'node:crypto';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { ConnectionError } from '../src/index';
import type { RequestBody, RetryEvent, Safety } from '../src/index';
import { failure, json, loopback, sha256 } from './loopback-server';
import type { Loopback } from './loopback-server';
import { closeTransports, get, post, testTransport } from './transports';

const big = randomBytes(3 * 1024 * 1024 + 17);
const pieces = (): Readable =>
  Readable.from(
    (function* () {
      for (let at = 0; at < big.length; at += 100_000) yield big.subarray(at, at + 100_000);
    })(),
  );

const replayable: [string, () => RequestBody][] = [
  ['Buffer', () => ({ bytes: big })],
  [
    'view into a larger buffer',
    () => ({ bytes: new Uint8Array(Buffer.concat([Buffer.alloc(9), big]).buffer).subarray(9) }),
  ],
  ['factory with length', () => ({ open: pieces, length: big.length })],
  ['factory without length', () => ({ open: () => Promise.resolve(pieces()) })],
];

let server: Loopback;
afterEach(async () => {
  await closeTransports();
  await server.close();
});

/** Fails the first `times` requests by `how`, after their body was read, then answers. */
const failing = async (times: number, how: 'reset' | '503' | 'cut'): Promise<Loopback> => {
  let left = times;
  return loopback((request, response) => {
    left -= 1;
    if (left < 0) json(response, 200, { done: true });
    else if (how === 'reset') request.socket.resetAndDestroy();
    else if (how === '503') json(response, 503, {});
    else {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': 100 });
      response.write('{"half":');
      setImmediate(() => request.socket.destroy());
    }
  });
};

describe.each(['reset', '503', 'cut'] as const)('a request that ends by %s after it was read', (how) => {
  it.each<Safety>(['safe', 'idempotent', 'keyed'])('is sent again when it is %s', async (safety) => {
    server = await failing(2, how);
    const retries: RetryEvent[] = [];
    const transport = testTransport({ baseUrl: server.url });
    transport.on('retry', (event) => retries.push(event));
    const reply = await transport.send(
      post(safety, () => ({ json: { a: 1 } })),
      undefined,
    );
    expect(reply).toMatchObject({ data: { done: true }, attempts: 3 });
    expect(server.seen.map(({ body }) => body.toString())).toEqual(['{"a":1}', '{"a":1}', '{"a":1}']);
    const reason = { reset: 'connection', 503: 'status', cut: 'cut' }[how];
    expect(retries.map((event) => event.reason)).toEqual([reason, reason]);
  });

  it('is sent once when it is unsafe, and its outcome is unknown', async () => {
    server = await failing(9, how);
    const error = await failure(
      testTransport({ baseUrl: server.url }).call(
        post('unsafe', () => ({ json: 1 })),
        undefined,
      ),
    );
    expect(error).toMatchObject({ outcome: 'unknown', attempts: 1 });
    expect(server.seen).toHaveLength(1);
  });

  it.each(replayable)('carries the same bytes in each try: %s', async (_, body) => {
    server = await failing(2, how);
    await testTransport({ baseUrl: server.url }).call(post('keyed', body), undefined);
    expect(server.seen.map(({ bytes, sha256: hash }) => [bytes, hash])).toEqual(
      Array.from({ length: 3 }, () => [big.length, sha256(big)]),
    );
  });

  it('is not sent again when its body was a one-shot stream', async () => {
    server = await failing(1, how);
    const body = pieces();
    const error = await failure(
      testTransport({ baseUrl: server.url }).call(
        post('keyed', () => ({ once: body })),
        undefined,
      ),
    );
    expect(error).toMatchObject({ outcome: 'unknown', attempts: 1 });
    expect(server.seen.map(({ sha256: hash }) => hash)).toEqual([sha256(big)]);
  });
});

it('carries the same bytes after a reset in the middle of the body', async () => {
  let first = true;
  server = await loopback(
    (_, response) => json(response, 200, {}),
    (request) => {
      if (!first) return false;
      first = false;
      request.once('data', () => request.socket.resetAndDestroy());
      return true;
    },
  );
  await testTransport({ baseUrl: server.url }).call(
    post('idempotent', () => ({ open: pieces, length: big.length })),
    undefined,
  );
  expect(server.seen.map(({ sha256: hash }) => hash)).toEqual([sha256(big)]);
});

describe('a connection that cannot be made', () => {
  it('is tried again even for an unsafe call, which was provably not sent', async () => {
    server = await loopback((_, response) => json(response, 200, {}));
    const { port } = server;
    await server.close();
    const transport = testTransport({
      baseUrl: `http://127.0.0.1:${port}`,
      sleep: async () => {
        if (server.server.listening) return;
        await new Promise<void>((resolve) => server.server.listen(port, '127.0.0.1', resolve));
      },
    });
    const reply = await transport.send(
      post('unsafe', () => ({ bytes: big })),
      undefined,
    );
    expect(reply.attempts).toBe(2);
    expect(server.seen.map(({ sha256: hash }) => hash)).toEqual([sha256(big)]);
  });

  it('says that nothing was sent and what to do', async () => {
    server = await loopback(() => undefined);
    await server.close();
    const error = await failure<ConnectionError>(
      testTransport({ baseUrl: server.url }).call(
        post('unsafe', () => ({ json: 1 })),
        undefined,
      ),
    );
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error).toMatchObject({
      outcome: 'not-sent',
      code: 'ECONNREFUSED',
      attempts: 4,
      host: `127.0.0.1:${server.port}`,
    });
    expect(error.message).toMatch(/Nothing was sent\. Check host and port/);
  });

  it('keeps an earlier unclear try in mind: refused after a reset is unknown', async () => {
    server = await loopback((request) => {
      server.server.close();
      request.socket.resetAndDestroy();
    });
    const error = await failure(
      testTransport({ baseUrl: server.url }).call(
        post('keyed', () => ({ json: 1 })),
        undefined,
      ),
    );
    expect(error).toMatchObject({ code: 'ECONNREFUSED', outcome: 'unknown' });
  });

  it('a name that does not exist', async () => {
    server = await loopback(() => undefined);
    const transport = testTransport({ baseUrl: 'https://no-such-host.invalid' });
    await expect(transport.call(get(), undefined)).rejects.toMatchObject({
      outcome: 'not-sent',
      code: expect.stringMatching(/ENOTFOUND|EAI_AGAIN/),
    });
  });

  it('a TLS handshake that fails, since nothing but the handshake was sent', async () => {
    server = await loopback(() => undefined);
    const cutter = createServer((socket) => socket.once('data', () => socket.resetAndDestroy()));
    await new Promise<void>((resolve) => cutter.listen(0, '127.0.0.1', resolve));
    const { port } = cutter.address() as AddressInfo;
    const error = await failure(
      testTransport({ baseUrl: `https://127.0.0.1:${port}` }).call(
        post('unsafe', () => ({ json: 1 })),
        undefined,
      ),
    );
    expect(error).toMatchObject({ name: 'ConnectionError', outcome: 'not-sent', attempts: 4 });
    await new Promise((resolve) => cutter.close(resolve));
  });
});

it('does not offer an unsafe request to a connection that may just be closing', async () => {
  server = await loopback((_, response) => json(response, 200, {}));
  const transport = testTransport({ baseUrl: server.url });
  await transport.call(get(), undefined);
  await transport.call(get(), undefined);
  expect(server.connections).toBe(1);
  await transport.call(
    post('unsafe', () => ({ json: 1 })),
    undefined,
  );
  expect(server.connections).toBe(2);
});

it('survives a server that closes its idle connections', async () => {
  server = await loopback((_, response) => json(response, 200, {}));
  const transport = testTransport({ baseUrl: server.url });
  for (let times = 0; times < 5; times += 1) {
    await transport.call(get(), undefined);
    for (const socket of server.sockets) socket.destroy();
  }
  expect(server.seen).toHaveLength(5);
});
