import { gzipSync } from 'node:zlib';
import nock from 'nock';
import * as api from '../src/index';
import type { ApiError, Operation } from '../src/index';
import { failure } from './loopback-server';
import { closeTransports, get, testTransport } from './transports';

const host = 'https://api.example.com';
beforeAll(() => nock.disableNetConnect());
afterEach(async () => {
  await closeTransports();
  nock.cleanAll();
});
afterAll(() => {
  nock.enableNetConnect();
  nock.restore();
});

const transport = (options = {}): api.Transport =>
  testTransport({ baseUrl: host, retry: { maxAttempts: 1 }, ...options });

it.each<[number, string, string]>([
  [300, 'RedirectRefusedError', 'unknown'],
  [302, 'RedirectRefusedError', 'unknown'],
  [400, 'BadRequestError', 'rejected'],
  [401, 'UnauthorizedError', 'rejected'],
  [403, 'ForbiddenError', 'rejected'],
  [404, 'NotFoundError', 'rejected'],
  [408, 'ApiError', 'unknown'],
  [409, 'ConflictError', 'rejected'],
  [413, 'PayloadTooLargeError', 'rejected'],
  [417, 'ApiError', 'rejected'],
  [422, 'UnprocessableError', 'rejected'],
  [429, 'RateLimitedError', 'rejected'],
  [500, 'ServerError', 'unknown'],
  [501, 'ServerError', 'unknown'],
  [502, 'ServiceUnavailableError', 'unknown'],
  [503, 'ServiceUnavailableError', 'unknown'],
  [504, 'ServiceUnavailableError', 'unknown'],
])('%i raises %s with outcome %s', async (status, name, outcome) => {
  nock(host).get('/thing').reply(
    status,
    { message: 'said so', code: 'E_7' },
    {
      'x-request-id': 'r-1',
      'retry-after': '3',
      'set-cookie': 'sid=CANARY',
      location: 'https://x/?CANARY',
    },
  );
  const error = await failure<ApiError>(
    transport({
      readError: (body: unknown) => body as { code: string; message: string },
      hint: () => 'Do this.',
    }).call(get(), undefined),
  );
  const guards = api as unknown as Record<string, (value: unknown) => boolean>;
  expect(guards[`is${name}`]!(error)).toBe(true);
  expect(api.isApiError(error) && api.isMftBridgeError(error) && error instanceof Error).toBe(true);
  expect(api.isConnectionError(error)).toBe(false);
  expect(error).toMatchObject({
    name,
    outcome,
    status,
    code: 'E_7',
    requestId: 'r-1',
    method: 'GET',
    path: '/thing',
    operation: 'things.get',
    attempts: 1,
    retryAfterMs: 3000,
    hint: 'Do this.',
    body: { message: 'said so', code: 'E_7' },
    headers: { 'retry-after': '3', 'content-type': 'application/json' },
  });
  expect(error.message).toMatch(
    new RegExp(`^things\\.get: the server answered ${status} \\(E_7\\): .* It says: said so\\. Do this\\.$`),
  );
  expect(error.stack).toContain(`${name}: things.get`);
  expect(JSON.stringify(error)).not.toContain('CANARY');
});

it('knows the errors of another copy of this package by their brand', () => {
  jest.isolateModules(() => {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- a second copy is the point
    const other = require('../src/index') as typeof api;
    const error = new other.NotFoundError({
      message: 'm',
      operation: 'o',
      outcome: 'rejected',
      status: 404,
      method: 'GET',
      path: '/',
      headers: {},
      attempts: 1,
    });
    expect(error).not.toBeInstanceOf(api.NotFoundError);
    expect(api.isNotFoundError(error) && api.isApiError(error)).toBe(true);
    expect(api.isConflictError(error)).toBe(false);
  });
});

it('a 5xx without class of its own is a ServerError, and a 503 is one as well', async () => {
  nock(host).get('/thing').reply(507).get('/thing').reply(503);
  const own = transport();
  expect(api.isServiceUnavailableError(await failure(own.call(get(), undefined)))).toBe(false);
  expect(api.isServerError(await failure(own.call(get(), undefined)))).toBe(true);
});

it('a 403 says whose rights the call needs', async () => {
  nock(host).get('/thing').reply(403);
  await expect(transport().call({ ...get(), access: 'administrator' }, undefined)).rejects.toThrow(
    /rights of an administrator/,
  );
});

it('survives an error body that its reader does not expect, and keeps a bounded part of it', async () => {
  nock(host)
    .get('/thing')
    .reply(502, `<html>${'x'.repeat(100_000)}</html>`);
  const error = await failure<ApiError>(
    transport({ readError: (body: { deep: { code: string } }) => ({ code: body.deep.code }) }).call(
      get(),
      undefined,
    ),
  );
  expect(error.status).toBe(502);
  expect(String(error.body)).toHaveLength(2048);
});

describe('a 2xx', () => {
  const size: Operation<void, { size: number }> = {
    ...get(),
    output: {
      parse: (value) => {
        if (typeof (value as { size?: unknown } | undefined)?.size === 'number')
          return value as { size: number };
        throw Object.assign(new Error('CANARY'), {
          issues: [{ path: ['size'], code: 'invalid_type', message: 'got CANARY' }],
        });
      },
    },
  };

  it('is validated, and comes with its envelope', async () => {
    nock(host)
      .get('/thing')
      .reply(201, { size: 3, more: 1 }, { 'x-amzn-requestid': 'r-2', link: '<https://x/y>', etag: 'e' });
    const reply = await transport().send(size, undefined);
    expect(reply).toMatchObject({ data: { size: 3, more: 1 }, status: 201, requestId: 'r-2', attempts: 1 });
    expect(reply.header('Link')).toBe('<https://x/y>');
    expect(reply.headers).not.toHaveProperty('link');
  });

  it.each([
    ['another shape', { size: 'CANARY' }, {}, /size \(invalid_type\)/],
    ['broken JSON', '{"size": CANARY', { 'content-type': 'application/json' }, /no valid JSON/],
    ['an HTML page', '<!DOCTYPE html><p>CANARY', { 'content-type': 'text/html' }, /an HTML page/],
    ['nothing', '', {}, /size/],
  ])('with %s raises ResponseShapeError, which shows no value', async (_, body, headers, text) => {
    nock(host).get('/thing').reply(200, body, headers);
    const error = await failure<Error>(transport().call(size, undefined));
    expect(error).toMatchObject({ name: 'ResponseShapeError', outcome: 'unknown', status: 200 });
    expect(error.message).toMatch(text);
    expect(JSON.stringify(error) + String(error.stack)).not.toContain('CANARY');
  });

  it('is read as JSON, text or nothing where there is no schema', async () => {
    nock(host)
      .get('/thing')
      .reply(200, '{"a":1}', { 'content-type': 'text/plain' })
      .get('/thing')
      .reply(200, 'plain words', { 'content-type': 'text/plain' })
      .get('/thing')
      .reply(204)
      .get('/thing')
      .reply(200, '\uFEFF[1]', { 'content-type': 'application/json' });
    const own = transport();
    const got: unknown[] = [];
    for (let times = 0; times < 4; times += 1) got.push(await own.call(get(), undefined));
    expect(got).toEqual([{ a: 1 }, 'plain words', undefined, [1]]);
  });

  it.each([
    ['text/html; charset=utf-8', '<!DOCTYPE html><title>Sign in</title>CANARY'],
    ['text/html', '\r\n<!-- proxy --><html>CANARY</html>'],
    ['TEXT/HTML', '<head><title>CANARY</title></head>'],
    ['application/xhtml+xml', '<?xml version="1.0"?><html>CANARY</html>'],
  ])(
    'that is a page in place of an answer is not believed, whatever was expected: %s',
    async (type, page) => {
      nock(host).get('/thing').reply(200, page, { 'content-type': type });
      const error = await failure<Error>(transport().call(get('/thing', 'idempotent'), undefined));
      expect(error).toMatchObject({ name: 'ResponseShapeError', outcome: 'unknown', status: 200 });
      expect(error.message).toMatch(/an HTML page.*login page/s);
      expect(JSON.stringify(error) + String(error.stack)).not.toContain('CANARY');
    },
  );

  it.each([
    ['text/html', ''],
    ['text/html', 'OK'],
    ['text/html', '{"result":"success"}'],
    ['text/plain', '<html>fine</html>'],
    ['application/xml', '<ok/>'],
  ])('is believed where it is no page, or does not say so: %s %j', async (type, body) => {
    nock(host).get('/thing').reply(200, body, { 'content-type': type });
    await expect(transport().call(get(), undefined)).resolves.not.toThrow();
  });

  it('larger than the limit is refused, also when it was compressed', async () => {
    nock(host)
      .get('/thing')
      .reply(200, gzipSync(Buffer.alloc(2_000_000)), { 'content-encoding': 'gzip' });
    const error = await failure(transport({ maxResponseBytes: 1_000_000 }).call(get(), undefined));
    expect(error).toMatchObject({
      name: 'ResponseShapeError',
      message: expect.stringContaining('larger than 1000000 bytes'),
    });
  });

  it('that is not encoded as it says is unreadable', async () => {
    nock(host).get('/thing').reply(200, Buffer.from('not gzip'), { 'content-encoding': 'gzip' });
    await expect(transport().call(get(), undefined)).rejects.toMatchObject({
      name: 'ResponseShapeError',
      outcome: 'unknown',
    });
  });
});

describe('an input', () => {
  it('that its schema refuses costs no request', async () => {
    const operation: Operation<{ n: number }, unknown> = {
      ...get<{ n: number }>(),
      input: {
        parse: () => {
          throw Object.assign(new Error(), {
            issues: [{ path: ['files', 0, 'n'], code: 'too_small', message: 'must be at least 1' }],
          });
        },
      },
    };
    const error = await failure(transport().call(operation, { n: 0 }));
    expect(error).toMatchObject({
      name: 'InvalidRequestError',
      outcome: 'not-sent',
      issues: [{ path: 'files.0.n', code: 'too_small' }],
      message: expect.stringContaining('files.0.n (too_small: must be at least 1)'),
    });
  });

  it('is sent as its schema returned it', async () => {
    nock(host).get('/thing').query({ n: 1 }).reply(200, {});
    await transport().call(
      {
        ...get<{ n: number }>(),
        input: { parse: () => ({ n: 1 }) },
        encode: (input: { n: number }) => ({ query: input }),
      },
      { n: 999 },
    );
  });
});

it('sends the headers of the transport, of the operation and its own', async () => {
  nock(host, { reqheaders: { 'x-a': 'op', 'x-b': 'transport', 'user-agent': 'me/1', accept: /json/ } })
    .post('/prefix/x')
    .reply(200, {});
  await transport({
    baseUrl: `${host}/`,
    operationsPrefix: 'prefix/',
    headers: { 'X-A': 'transport', 'X-B': 'transport' },
    userAgent: 'me/1',
  }).call(
    { name: 'a.b', method: 'POST', path: '/x', safety: 'safe', encode: () => ({ headers: { 'x-a': 'op' } }) },
    undefined,
  );
});
