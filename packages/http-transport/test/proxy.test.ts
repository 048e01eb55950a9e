import http from 'node:http';
import https from 'node:https';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { staticSession } from '../src/index';
import type { ConnectionError } from '../src/index';
import { makeAuthority } from './certificates';
import type { Authority, Pair } from './certificates';
import { failure, json, loopback } from './loopback-server';

import { closeTransports, get, post, testTransport } from './transports';

let authority: Authority;
let pair: Pair;
beforeAll(() => {
  authority = makeAuthority();
  pair = authority.issue('localhost', 'subjectAltName=DNS:localhost,DNS:service.internal');
});
afterAll(() => authority.remove());

const servers: Server[] = [];
const sockets = new Set<Socket>();
const listen = async (server: Server): Promise<number> => {
  servers.push(server);
  server.on('connection', (socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
};
afterEach(async () => {
  await closeTransports();
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
});

const once = { retry: { maxAttempts: 1 } };
const secureServer = async (options: https.ServerOptions = {}): Promise<number> =>
  listen(
    https.createServer({ ...pair, ...options }, (request, response) => {
      const peer = (request.socket as TLSSocket).getPeerCertificate() as { subject?: { CN: string } };
      json(response, 200, { peer: peer.subject?.CN ?? null });
    }),
  );

interface Proxy {
  readonly port: number;
  /** What it was asked for, with the credentials it was given. */
  readonly asked: { target: string; authorization: string | undefined }[];
  /** Everything that is no CONNECT: a request in clear. */
  readonly plain: string[];
}

/** A CONNECT proxy; every name leads to `to` on this machine. */
async function proxy(
  to: number,
  options: { password?: string; intercept?: Pair; refuse?: number; secure?: Pair } = {},
): Promise<Proxy> {
  const self: Proxy = { port: 0, asked: [], plain: [] };
  const onRequest = (request: http.IncomingMessage, response: http.ServerResponse): void => {
    self.plain.push(request.url ?? '');
    response.writeHead(500).end();
  };
  const server =
    options.secure === undefined
      ? http.createServer(onRequest)
      : https.createServer(options.secure, onRequest);
  server.on('connect', (request, client: Socket) => {
    const authorization = request.headers['proxy-authorization'];
    self.asked.push({ target: request.url ?? '', authorization });
    client.on('error', () => undefined);
    const expected = `Basic ${Buffer.from(`user:${options.password}`).toString('base64')}`;
    if (options.refuse !== undefined) client.end(`HTTP/1.1 ${options.refuse} No\r\n\r\n`);
    else if (options.password !== undefined && authorization !== expected)
      client.end('HTTP/1.1 407 Auth\r\nContent-Length: 0\r\n\r\n');
    else if (options.intercept !== undefined) {
      client.write('HTTP/1.1 200 OK\r\n\r\n');
      const seen = new TLSSocket(client, { isServer: true, ...options.intercept });
      seen.on('error', () => undefined);
      seen.on('data', () => seen.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}'));
    } else {
      const service = connect(to, '127.0.0.1', () => {
        client.write('HTTP/1.1 200 OK\r\n\r\n');
        service.pipe(client).pipe(service);
      });
      service.on('error', () => client.destroy());
    }
  });
  (self as { port: number }).port = await listen(server);
  return self;
}

describe('a proxy', () => {
  it('carries https by CONNECT, and one connection serves many calls', async () => {
    const through = await proxy(await secureServer());
    const transport = testTransport({
      baseUrl: 'https://service.internal',
      egress: { proxy: `http://127.0.0.1:${through.port}`, ca: authority.ca },
    });
    for (let times = 0; times < 3; times += 1)
      await expect(transport.call(get(), undefined)).resolves.toEqual({ peer: null });
    expect(through.asked).toEqual([{ target: 'service.internal:443', authorization: undefined }]);
  });

  it('carries plain http by CONNECT too, and never sees the token', async () => {
    const service = await loopback((_, response) => json(response, 200, {}));
    const through = await proxy(service.port);
    const transport = testTransport({
      baseUrl: 'http://service.internal:8010',
      allowInsecureHttp: true,
      session: staticSession({ name: 'authorization', value: 'Bearer T' }),
      egress: { proxy: `http://127.0.0.1:${through.port}` },
    });
    const bytes = Buffer.alloc(3_000_000, 7);
    await transport.call(
      post('unsafe', () => ({ bytes })),
      undefined,
    );
    expect(through).toMatchObject({ asked: [{ target: 'service.internal:8010' }], plain: [] });
    expect(service.seen[0]!.headers).toMatchObject({
      authorization: 'Bearer T',
      host: 'service.internal:8010',
    });
    expect(service.seen[0]!.bytes).toBe(bytes.length);
    await service.close();
  });

  it('is the way of a foreign link as well, which shows it neither token nor path', async () => {
    const through = await proxy(await secureServer());
    const transport = testTransport({
      baseUrl: 'https://service.internal',
      session: staticSession({ name: 'authorization', value: 'Bearer T' }),
      egress: { proxy: `http://127.0.0.1:${through.port}`, ca: authority.ca },
    });
    const rules = { hosts: ['service.internal'], allowLoopbackHttp: false, operation: 'attachments.open' };
    const { body } = await transport.downloadUrl('https://service.internal:8443/x?sig=S', rules);
    await body.toArray();
    expect(through.asked).toEqual([{ target: 'service.internal:8443', authorization: undefined }]);
    expect(through.plain).toEqual([]);
  });

  it('gets its credentials, percent-decoded', async () => {
    const through = await proxy(await secureServer(), { password: 'p@ss:word' });
    const transport = testTransport({
      baseUrl: 'https://service.internal',
      egress: { proxy: `http://user:p%40ss%3Aword@127.0.0.1:${through.port}`, ca: authority.ca },
    });
    await expect(transport.call(get(), undefined)).resolves.toEqual({ peer: null });
  });

  it.each([
    ['asks for credentials', { password: 'x' }, 'PROXY_AUTH_REQUIRED', 1, /egress\.proxy, percent-encoded/],
    ['refuses the host', { refuse: 403 }, 'PROXY_REFUSED', 4, /Ask its owner/],
  ])('that %s: nothing was sent, and the error says what to do', async (_, options, code, attempts, hint) => {
    const through = await proxy(1, options);
    const error = await failure<ConnectionError>(
      testTransport({
        baseUrl: 'https://service.internal',
        egress: { proxy: `http://127.0.0.1:${through.port}` },
      }).call(
        post('unsafe', () => ({ json: 1 })),
        undefined,
      ),
    );
    expect(error).toMatchObject({ name: 'ConnectionError', code, outcome: 'not-sent', attempts });
    expect(error.hint).toMatch(hint);
  });

  it('that intercepts is refused until its authority is given', async () => {
    const intercept = authority.issue('inspector', 'subjectAltName=DNS:service.internal');
    const through = await proxy(1, { intercept });
    const egress = { proxy: `http://127.0.0.1:${through.port}` };
    const error = await failure<ConnectionError>(
      testTransport({ baseUrl: 'https://service.internal', egress }).call(get(), undefined),
    );
    expect(error).toMatchObject({ outcome: 'not-sent', hint: expect.stringContaining('inspecting proxy') });
    const trusting = testTransport({
      baseUrl: 'https://service.internal',
      egress: { ...egress, ca: authority.ca },
    });
    await expect(trusting.call(get(), undefined)).resolves.toEqual({});
  });

  it('may itself speak TLS', async () => {
    const through = await proxy(await secureServer(), { secure: pair });
    const transport = testTransport({
      baseUrl: 'https://service.internal',
      egress: { proxy: `https://localhost:${through.port}`, ca: authority.ca },
    });
    await expect(transport.call(get(), undefined)).resolves.toEqual({ peer: null });
  });

  it('whose certificate is not trusted is told from one that is away', async () => {
    const through = await proxy(1, { secure: pair });
    const error = await failure<ConnectionError>(
      testTransport({
        baseUrl: 'https://service.internal',
        egress: { proxy: `https://localhost:${through.port}` },
      }).call(get(), undefined),
    );
    expect(error).toMatchObject({ code: 'PROXY_UNTRUSTED', outcome: 'not-sent', attempts: 1 });
    expect(error.hint).toMatch(/egress\.ca/);
    expect(through.asked).toEqual([]);
  });

  it('answers what is no HTTP, too much of it, or goes away: each has its sentence', async () => {
    const says: [string, string | undefined, string][] = [
      ['SSH-2.0-x\r\n\r\n', 'PROXY_GARBLED', 'scheme and port'],
      [`HTTP/1.1 200 ${'x'.repeat(20_000)}`, 'PROXY_GARBLED', 'scheme and port'],
      ['', 'PROXY_UNREACHABLE', 'whether the proxy runs'],
    ];
    for (const [text, code, hint] of says) {
      const port = await listen(
        createServer((socket) => socket.on('error', () => undefined).once('data', () => socket.end(text))),
      );
      const egress = { proxy: `http://127.0.0.1:${port}` };
      const error = await failure<ConnectionError>(
        testTransport({ baseUrl: 'https://service.internal', egress, ...once }).call(get(), undefined),
      );
      expect(error).toMatchObject({ code, outcome: 'not-sent', hint: expect.stringContaining(hint) });
    }
  });

  it.each([['127.0.0.1'], ['*']])('is passed by for hosts in noProxy: %s', async (pattern) => {
    const service = await loopback((_, response) => json(response, 200, {}));
    const through = await proxy(1);
    const transport = testTransport({
      baseUrl: service.url,
      egress: { proxy: `http://127.0.0.1:${through.port}`, noProxy: ['.example.com', pattern] },
    });
    await transport.call(get(), undefined);
    expect(through.asked).toEqual([]);
    await service.close();
  });

  it('is never taken from the environment', async () => {
    const service = await loopback((_, response) => json(response, 200, {}));
    const through = await proxy(service.port);
    const names = ['http_proxy', 'HTTP_PROXY', 'https_proxy', 'all_proxy'];
    const before = names.map((name) => process.env[name]);
    for (const name of names) process.env[name] = `http://127.0.0.1:${through.port}`;
    try {
      await testTransport({ baseUrl: service.url }).call(get(), undefined);
    } finally {
      names.forEach((name, at) => {
        if (before[at] === undefined) Reflect.deleteProperty(process.env, name);
        else process.env[name] = before[at];
      });
    }
    expect(through).toMatchObject({ asked: [], plain: [] });
    expect(service.seen).toHaveLength(1);
    await service.close();
  });

  it('that never answers runs into the headers clock, and leaves no connection', async () => {
    const gone: Promise<unknown>[] = [];
    // It reads and says nothing. Not an HTTP server: that has clocks of its own, and answers what breaks off.
    const silent = createServer((socket) => {
      socket.on('error', () => undefined).resume();
      gone.push(new Promise((resolve) => socket.once('close', resolve)));
    });
    const port = await listen(silent);
    const transport = testTransport({
      baseUrl: 'https://service.internal',
      egress: { proxy: `http://127.0.0.1:${port}` },
      clocks: { headersMs: 100 },
      ...once,
    });
    const error = await failure(
      transport.call(
        post('unsafe', () => ({ json: 1 })),
        undefined,
      ),
    );
    expect(error).toMatchObject({ name: 'TimeoutError', clock: 'headers', outcome: 'not-sent' });
    // A slow machine may not have taken the connection yet; it must be taken, or this shows nothing.
    while (gone.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await transport.close();
    await Promise.all(gone);
  });
});
