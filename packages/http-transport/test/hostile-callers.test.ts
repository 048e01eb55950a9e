import { Readable } from 'node:stream';
import { MftBridgeError } from '../src/index';
import type { CallOptions, Operation, RequestBody } from '../src/index';
import { failure, json, loopback } from './loopback-server';
import type { Loopback } from './loopback-server';
import { closeTransports, get, post, testTransport } from './transports';

let server: Loopback;
beforeEach(async () => {
  server = await loopback((_, response) => json(response, 200, {}));
});
afterEach(async () => {
  await closeTransports();
  await server.close();
});

describe('headers', () => {
  const framing = [
    'Host',
    'content-length',
    'Transfer-Encoding',
    'connection',
    'Upgrade',
    'expect',
    'te',
    'trailer',
    'proxy-authorization',
  ];
  it.each(framing)('%s, which frames a request, comes from nobody but this client', async (name) => {
    const operation = { ...get(), encode: () => ({ headers: { [name]: 'chunked' } }) };
    const refused = { name: 'InvalidRequestError', outcome: 'not-sent' };
    await expect(
      failure(testTransport({ baseUrl: server.url }).call(operation, undefined)),
    ).resolves.toMatchObject(refused);
    expect(() => testTransport({ baseUrl: server.url, headers: { [name]: 'x' } })).toThrow(
      /belongs to the connection/,
    );
    expect(server.connections).toBe(0);
  });

  it.each([
    ['a line break in the value', { name: 'authorization', value: 'Bearer CANARY\r\nX-Evil: 1' }],
    ['a character outside Latin-1', { name: 'authorization', value: 'Bearer CANARY日本' }],
    ['no header name', { name: 'auth: x\r\nX-Evil', value: 'CANARY' }],
    ['a header that frames the request', { name: 'Content-Length', value: '0' }],
  ])('of a session with %s are refused once, unsent and unshown', async (_, header) => {
    const transport = testTransport({
      baseUrl: server.url,
      session: { header: () => Promise.resolve(header) },
    });
    const error = await failure<Error>(transport.call(get(), undefined));
    expect(error).toMatchObject({ name: 'InvalidRequestError', outcome: 'not-sent' });
    expect(JSON.stringify(error) + String(error.stack)).not.toMatch(/CANARY|\r/);
    expect(server.connections).toBe(0);
  });

  it('a content type, a user agent and a query cannot add a line', async () => {
    const transport = testTransport({ baseUrl: server.url });
    const body: RequestBody = { bytes: Buffer.from('x'), contentType: 'text/plain\r\nX-Evil: 1' };
    await expect(
      failure(
        transport.call(
          post('safe', () => body),
          undefined,
        ),
      ),
    ).resolves.toMatchObject({ name: 'InvalidRequestError' });
    expect(() => testTransport({ baseUrl: server.url, userAgent: 'a\r\nX-Evil: 1' })).toThrow(/user-agent/);
    await transport.call(
      { ...get(), encode: () => ({ query: { 'a\r\nb': 'c HTTP/1.1\r\nX-Evil: 1' } }) },
      undefined,
    );
    expect(server.seen[0]!.url).toBe('/thing?a%0D%0Ab=c%20HTTP%2F1.1%0D%0AX-Evil%3A%201');
    expect(server.seen[0]!.headers).not.toHaveProperty('x-evil');
  });
});

describe('a source of a body', () => {
  it('that never opens is waited for no longer than the call, and let go when it comes late', async () => {
    let opened: (body: Readable) => void = () => undefined;
    const open = (): Promise<Readable> => new Promise((resolve) => (opened = resolve));
    const transport = testTransport({ baseUrl: server.url });
    const error = await failure(
      transport.call(
        post('keyed', () => ({ open })),
        undefined,
        { clocks: { totalMs: 100 } },
      ),
    );
    expect(error).toMatchObject({ name: 'TimeoutError', clock: 'total', outcome: 'not-sent' });
    const late = Readable.from(['x']);
    opened(late);
    await new Promise((resolve) => setImmediate(resolve));
    expect(late.destroyed).toBe(true);
  });

  it.each<[string, () => unknown]>([
    ['yields something other than bytes', () => Readable.from([{ an: 'object' }])],
    ['is no stream', () => undefined],
    [
      'throws',
      () => {
        throw new TypeError('CANARY');
      },
    ],
  ])('that %s ends the call, not the process', async (_, open) => {
    const error = await failure<Error>(
      testTransport({ baseUrl: server.url }).call(
        post('keyed', () => ({ open: open as () => Readable })),
        undefined,
      ),
    );
    expect(error).toMatchObject({ name: 'RequestBodyError', attempts: 1 });
    expect(JSON.stringify(error) + String(error.stack)).not.toContain('CANARY');
  });
});

it.each([NaN, -1, 1.5, Infinity])('a body of %p bytes is refused, unsent', async (length) => {
  const body = { open: () => Readable.from(['x']), length };
  const transport = testTransport({ baseUrl: server.url });
  await expect(
    failure(
      transport.call(
        post('keyed', () => body),
        undefined,
      ),
    ),
  ).resolves.toMatchObject({
    name: 'InvalidRequestError',
    issues: [{ path: 'body.length' }],
  });
  expect(server.connections).toBe(0);
});

describe('functions that were passed in', () => {
  const thrower = (): never => {
    throw new RangeError('CANARY');
  };
  it.each<[string, Partial<Operation<void, unknown>>, string]>([
    ['encode', { encode: thrower }, 'MftBridgeError'],
    ['input schema', { input: { parse: thrower } }, 'InvalidRequestError'],
    ['output schema', { output: { parse: thrower } }, 'ResponseShapeError'],
  ])('%s that throws raises an error of our own tree, without its text', async (_, part, name) => {
    const error = await failure<Error>(
      testTransport({ baseUrl: server.url }).call({ ...get(), ...part }, undefined),
    );
    expect(error).toBeInstanceOf(MftBridgeError);
    expect(error).toMatchObject({ name });
    expect(JSON.stringify(error) + String(error.stack)).not.toContain('CANARY');
  });

  it('a hint, a reader of errors or a notice that throws takes nothing from the error', async () => {
    await server.close();
    server = await loopback((_, response) => json(response, 409, {}));
    const transport = testTransport({ baseUrl: server.url, hint: thrower, readError: thrower });
    await expect(
      failure(transport.call({ ...get(), deprecated: thrower }, undefined)),
    ).resolves.toMatchObject({ name: 'ConflictError' });
  });

  it.each<[string, () => unknown]>([
    ['throws', thrower],
    ['is async and rejects', () => Promise.reject(new RangeError('CANARY'))],
  ])('an onSent that %s ends neither the process nor the upload', async (_, onSent) => {
    const stray: unknown[] = [];
    const note = (reason: unknown): unknown => stray.push(reason);
    process.on('unhandledRejection', note);
    const transport = testTransport({ baseUrl: server.url });
    const bodies: RequestBody[] = [{ open: () => Readable.from([Buffer.from('body')]) }, { json: 'body' }];
    for (const body of bodies)
      await transport.call(
        post('keyed', () => body),
        undefined,
        { onSent },
      );
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', note);
    expect(stray).toEqual([]);
    expect(server.seen.map(({ body }) => body.toString())).toEqual(['body', '"body"']);
  });

  // Handed on as the server wrote it, as in the README, where the server has other things than text.
  it.each<[unknown, string | undefined]>([
    [{ code: 1234, message: { CANARY: 1 } }, '1234'],
    [{ code: { CANARY: 1 }, message: ['CANARY'] }, undefined],
    [{ code: 'E_OK', message: 7 }, 'E_OK'],
    [null, undefined],
    ['text', undefined],
    [[], undefined],
  ])('a reader of errors that hands on %j leaves the error of the status', async (body, code) => {
    await server.close();
    server = await loopback((_, response) => json(response, 409, body));
    const transport = testTransport({ baseUrl: server.url, readError: (read) => read as { code?: string } });
    const error = await failure<{ code?: string }>(transport.call(get(), undefined));
    expect(error).toMatchObject({ name: 'ConflictError', status: 409 });
    expect(error.code).toBe(code);
    expect(JSON.stringify(error)).not.toContain('CANARY');
  });

  it('a listener that adds listeners, each of which adds another, does not go on for ever', async () => {
    const transport = testTransport({ baseUrl: server.url });
    let heard = 0;
    const listen = (): void => {
      heard += 1;
      if (heard < 1000) transport.on('request', listen.bind(undefined));
    };
    transport.on('request', listen);
    await transport.call(get(), undefined);
    expect(heard).toBe(1);
  });

  it('rules of a link that are none refuse it, by an error of our own tree', async () => {
    const transport = testTransport({ baseUrl: server.url });
    const error = await failure(transport.downloadUrl('https://a.example/x', { operation: 'a.b' } as never));
    expect(error).toMatchObject({ name: 'MftBridgeError', outcome: 'not-sent', operation: 'a.b' });
  });

  it('a thrown error whose name is no text is still told as an error of our own tree', async () => {
    const odd = Object.assign(new Error('CANARY'), { name: 5 });
    const transport = testTransport({
      baseUrl: server.url,
      session: { header: () => Promise.reject(odd) },
    });
    await expect(failure(transport.call(get(), undefined))).resolves.toMatchObject({
      name: 'MftBridgeError',
    });
    const encode = (): never => {
      throw odd;
    };
    await expect(failure(transport.call({ ...get(), encode }, undefined))).resolves.toMatchObject({
      name: 'MftBridgeError',
    });
  });

  it('a listener that is an async function and fails is no unhandled rejection', async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown): unknown => unhandled.push(reason);
    process.on('unhandledRejection', note);
    const transport = testTransport({ baseUrl: server.url });
    const rejecting: () => unknown = () => Promise.reject(new Error('observer'));
    transport.on('request', rejecting);
    await transport.call(get(), undefined);
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', note);
    expect(unhandled).toEqual([]);
  });
});

it.each<[string, CallOptions]>([
  ['NaN tries, which would never end', { maxAttempts: NaN }],
  ['no tries', { maxAttempts: 0 }],
  ['a clock that is no number', { clocks: { headersMs: NaN } }],
  ['a clock before its beginning', { clocks: { totalMs: -1 } }],
])('an option of a call is checked: %s', async (_, options) => {
  const transport = testTransport({ baseUrl: server.url });
  const refused = { name: 'InvalidRequestError', outcome: 'not-sent' };
  await expect(failure(transport.call(get(), undefined, options))).resolves.toMatchObject(refused);
  const rules = { hosts: [], allowLoopbackHttp: true, operation: 'a.b' };
  await expect(failure(transport.downloadUrl(server.url, rules, options))).resolves.toMatchObject(refused);
  expect(server.connections).toBe(0);
});

it('a clock beyond what a timer can hold does not fire at once', async () => {
  const long = 2 ** 31;
  const transport = testTransport({
    baseUrl: server.url,
    clocks: { headersMs: long, idleMs: long, totalMs: long },
  });
  await expect(
    transport.call(
      post('safe', () => ({ open: () => Readable.from(['x']) })),
      undefined,
    ),
  ).resolves.toEqual({});
});
