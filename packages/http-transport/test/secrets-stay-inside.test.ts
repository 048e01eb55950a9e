import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Readable } from 'node:stream';
import { inspect } from 'node:util';
import * as api from '../src/index';
import { createTokenSession } from '../src/index';
import type { ApiError, Operation, Transport, TransportOptions } from '../src/index';
import { canaries, expectClean, leakyTransport, lookedAt, operation } from './canaries';
import { failure, json, loopback } from './loopback-server';
import type { Loopback, Reaction } from './loopback-server';
import { closeTransports, testTransport } from './transports';

let server: Loopback | undefined;
let seen: unknown[] = [];
const onSpan = (message: unknown): unknown => seen.push(structuredClone(message));
const channels = ['mft-bridge:http:start', 'mft-bridge:http:end', 'mft-bridge:http:error'];
beforeEach(() => {
  seen = [];
  for (const name of channels) subscribe(name, onSpan);
});
afterEach(async () => {
  for (const name of channels) unsubscribe(name, onSpan);
  await closeTransports();
  await server?.close();
  server = undefined;
});

const leaky = (baseUrl: string, options: Partial<TransportOptions> = {}): Transport =>
  leakyTransport(seen, baseUrl, options);

/** A server that says back, in every place, all that it was told. */
const echo =
  (status: number): Reaction =>
  (request, response, { body }) =>
    json(
      response,
      status,
      {
        said: [request.url, request.headers, body.toString().replace(canaries.binaryBody, '')],
        url: `https://h/p?sig=${canaries.query}`,
        flood: 'x'.repeat(50_000),
      },
      {
        'x-request-id': `id ${canaries.answerHeader}`,
        'set-cookie': canaries.answerHeader,
        'www-authenticate': canaries.answerHeader,
        location: `https://elsewhere/?${canaries.query}`,
        link: `<https://h/?${canaries.query}>; rel="deprecation"`,
        warning: `299 - "see https://h/?token=${canaries.query}"`,
      },
    );

const statuses = [302, 400, 401, 403, 404, 408, 409, 413, 422, 429, 500, 503, 418];
it.each(statuses)('in the error of a %i whose server echoes everything', async (status) => {
  server = await loopback(echo(status));
  const error = await failure(leaky(server.url).call(operation(), undefined));
  expect(error).toMatchObject({ status, message: expect.stringContaining('[redacted]') });
  expectClean(error);
  expect(seen.length).toBeGreaterThan(3);
  for (const event of seen) expectClean(event);
});

const ways: [string, Reaction, string][] = [
  ['reset', (request) => request.socket.resetAndDestroy(), 'ConnectionError'],
  ['silence', () => undefined, 'TimeoutError'],
  ['garbage', (request) => request.socket.end('not http at all\r\n\r\n'), 'ConnectionError'],
  [
    'broken JSON',
    (_, response) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end(`{"${canaries.query}`),
    'ResponseShapeError',
  ],
  [
    'a cut answer',
    (request, response) => {
      response.writeHead(200, { 'content-length': 999 });
      response.write(canaries.query, () => request.socket.destroy());
    },
    'ConnectionError',
  ],
];
it.each(ways)('in the error after %s', async (_, react, name) => {
  server = await loopback(react);
  for (const body of ['json', 'bytes'] as const) {
    const error = await failure(
      leaky(server.url, { clocks: { headersMs: 100 } }).call(operation(body), undefined),
    );
    expect(error).toMatchObject({ name });
    expectClean(error);
  }
  for (const event of seen) expectClean(event);
});

it('in the errors of a closed port, an unknown host, bad TLS settings and an unreachable proxy', async () => {
  server = await loopback(() => undefined);
  await server.close();
  const { url, port } = server;
  const dead = `http://${canaries.proxyUser}:${canaries.password}@127.0.0.1:${port}`;
  for (const transport of [
    leaky(url),
    leaky('https://no-such-host.invalid'),
    leaky(`https://127.0.0.1:${port}`),
    leaky('https://files.example.com', { egress: { proxy: dead } }),
  ]) {
    const error = await failure(transport.call(operation(), undefined));
    expect(error).toMatchObject({ outcome: expect.any(String), operation: 'things.make' });
    expectClean(error);
  }
  server = undefined;
});

it('in an abort whose reason is secret, and in a refused input', async () => {
  server = await loopback(() => undefined);
  const given = new AbortController();
  const aborted = failure(leaky(server.url).call(operation(), undefined, { signal: given.signal }));
  setImmediate(() => given.abort(new Error(canaries.token)));
  expectClean(await aborted);
  for (const parts of [
    { params: { shareToken: '..' } },
    { params: { shareToken: 'x' }, headers: { 'x-api-key': `${canaries.header}\n` } },
    { params: { shareToken: 'x' }, body: { json: { big: 1n, password: canaries.password } } },
  ]) {
    const error = await failure(leaky(server.url).call({ ...operation(), encode: () => parts }, undefined));
    expect(error).toMatchObject({ name: 'InvalidRequestError' });
    expectClean(error);
  }
});

it('in an options error, for credentials in a URL', () => {
  for (const options of [
    { baseUrl: `https://user:${canaries.password}@host` },
    { baseUrl: `not a url ${canaries.token}` },
    { baseUrl: 'https://host', egress: { proxy: `socks5://u:${canaries.password}@h` } },
    { baseUrl: 'https://host', egress: { proxy: `http://h:${canaries.password}` } },
    { baseUrl: 'https://host', headers: { authorization: `${canaries.token}\r\n` } },
  ]) {
    let thrown: unknown;
    try {
      testTransport(options);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ name: 'InvalidRequestError' });
    expectClean(thrown);
  }
});

it('in the error of a failed login', async () => {
  server = await loopback(echo(401));
  const login: Operation<void, unknown> = { ...operation(), name: 'session.login', auth: 'none' };
  const session = createTokenSession({
    obtain: async (signal) => {
      await transport.call(login, undefined, { signal });
      return { value: 'never' };
    },
    present: ({ value }) => ({ name: 'authorization', value }),
  });
  const transport: Transport = leaky(server.url, { session });
  const error = await failure(transport.call(operation(), undefined));
  expect(error).toMatchObject({ name: 'UnauthorizedError', operation: 'session.login' });
  expectClean(error);
});

it('in the error of a link, and of its body', async () => {
  server = await loopback((request, response) => {
    if (request.url?.startsWith('/cut') !== true) {
      response.writeHead(403, { 'content-type': 'application/xml' });
      response.end(`<Error><StringToSign>${canaries.query}</StringToSign></Error>`);
      return;
    }
    response.writeHead(200, { 'content-length': 99 });
    response.write('x', () => request.socket.destroy());
  });
  const rules = { hosts: [], allowLoopbackHttp: true, operation: 'attachments.open' };
  const transport = leaky(server.url, { readError: (body) => ({ message: String(body) }) });
  const link = (path: string): string =>
    `${server!.url}/${path}/${canaries.pathParameter}?X-Amz-Signature=${canaries.query}`;
  const error = await failure(transport.downloadUrl(link('denied'), rules));
  expect(error).toMatchObject({
    name: 'ForbiddenError',
    message: expect.stringContaining('<StringToSign>[redacted]'),
  });
  expectClean(error);
  const { body } = await transport.downloadUrl(link('cut'), rules);
  const broken = await failure(body.toArray());
  expect(broken).toMatchObject({ name: 'ConnectionError' });
  expectClean(broken);
  for (const event of seen) expectClean(event);
});

it('in what a reply, a download, a session and a transport print', async () => {
  server = await loopback((_, response) => json(response, 200, {}, { 'set-cookie': canaries.answerHeader }));
  const transport = leaky(server.url);
  const reply = await transport.send(operation(), undefined);
  expectClean(reply);
  const { body, ...download } = await transport.download(operation(), undefined);
  expectClean(download);
  const all = { depth: 20, showHidden: true, getters: true };
  const text = inspect(body, all) + inspect(transport, all) + inspect(reply, all);
  for (const canary of Object.values(canaries)) expect(text).not.toContain(canary);
  await body.toArray();
});

it('in the error of a name with several addresses that all refuse', async () => {
  server = await loopback(() => undefined);
  const { port } = server;
  await server.close();
  server = undefined;
  const error = await failure(leaky(`http://localhost:${port}`).call(operation(), undefined));
  expect(error).toMatchObject({ code: 'ECONNREFUSED', outcome: 'not-sent' });
  expectClean(error);
});

it('in the body that an error keeps for code: it can be read, and is not printed', async () => {
  server = await loopback((_, response) => json(response, 400, { detail: canaries.answerHeader }));
  const error = await failure<ApiError>(
    leaky(server.url, { readError: () => ({}) }).call(operation(), undefined),
  );
  expect(error.body).toEqual({ detail: canaries.answerHeader });
  expectClean(error);
  expect({ ...error }).not.toHaveProperty('body');
});

it('in a source of a body and a provider of a token that fail with secret words', async () => {
  server = await loopback((_, response) => json(response, 200, {}));
  const failing = (): Error => Object.assign(new Error(canaries.token), { secret: canaries.password });
  const open = (): Readable => new Readable({ read() {} }).destroy(failing());
  const made = { ...operation(), encode: () => ({ params: { shareToken: 'x' }, body: { open } }) };
  const source = await failure(leaky(server.url).call(made, undefined));
  expect(source).toMatchObject({ name: 'RequestBodyError' });
  expectClean(source);
  const session = { header: () => Promise.reject(failing()) };
  const provider = await failure(leaky(server.url, { session }).call(operation(), undefined));
  expect(provider).toMatchObject({ name: 'MftBridgeError' });
  expectClean(provider);
});

// The last of this file: it looks at what the ones above have met.
it('in any class of error: none was forgotten', () => {
  const classes = Object.keys(api).filter((name) => name.endsWith('Error') && /^[A-Z]/.test(name));
  expect(classes.length).toBeGreaterThan(15);
  expect(classes.filter((name) => !lookedAt.has(name))).toEqual([]);
});
