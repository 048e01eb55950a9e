import { Readable } from 'node:stream';
import { createTokenSession, isUnauthorizedError, UnauthorizedError } from '../src/index';
import type { Operation, RequestBody, Token, TokenSession, Transport } from '../src/index';
import { failure, json, loopback } from './loopback-server';
import type { Loopback } from './loopback-server';
import { closeTransports, get, post, testTransport } from './transports';

let server: Loopback;
let valid: string;
let logins: number;
let answerLogin: () => [number, unknown];
beforeEach(async () => {
  valid = 'token-1';
  logins = 0;
  answerLogin = () => [200, { token: valid }];
  server = await loopback((request, response) => {
    if (request.url === '/login') {
      logins += 1;
      json(response, ...answerLogin());
    } else if (request.headers.authorization === `Bearer ${valid}`) json(response, 200, { ok: true });
    else json(response, 401, { message: 'expired' });
  });
});
afterEach(async () => {
  await closeTransports();
  await server.close();
});

const login: Operation<void, { token: string }> = {
  name: 'session.login',
  method: 'POST',
  path: '/login',
  safety: 'unsafe',
  auth: 'none',
  encode: () => ({ body: { json: { user: 'u', password: 'p' } } }),
};
const client = (
  options: { mayBeExpired?: () => boolean } = {},
): { transport: Transport; session: TokenSession } => {
  const session = createTokenSession<Token>({
    obtain: async (signal) => ({ value: (await transport.call(login, undefined, { signal })).token }),
    present: ({ value }) => ({ name: 'Authorization', value: `Bearer ${value}` }),
    ...options,
  });
  const transport = testTransport({ baseUrl: server.url, session });
  return { transport, session };
};

it('logs in once for many calls at once', async () => {
  const { transport } = client();
  await Promise.all(Array.from({ length: 20 }, () => transport.call(get(), undefined)));
  expect(logins).toBe(1);
});

it.each<[string, RequestBody]>([
  ['a Buffer', { bytes: Buffer.from('body') }],
  ['a factory', { open: () => Readable.from([Buffer.from('body')]) }],
])('replays once after a rejected token, even an unsafe call, with %s', async (_, body) => {
  const { transport } = client();
  await transport.call(get(), undefined);
  valid = 'token-2';
  const reply = await transport.send(
    post('unsafe', () => body),
    undefined,
  );
  expect(reply).toMatchObject({ data: { ok: true }, attempts: 2 });
  expect(server.seen.slice(-3).map((seen) => [seen.url, seen.body.toString()])).toEqual([
    ['/things', 'body'],
    ['/login', '{"user":"u","password":"p"}'],
    ['/things', 'body'],
  ]);
});

it('renews once for many calls that are rejected together', async () => {
  const { transport } = client();
  await transport.call(get(), undefined);
  valid = 'token-2';
  await Promise.all(Array.from({ length: 20 }, () => transport.call(get(), undefined)));
  expect(logins).toBe(2);
});

it('replays once and no more', async () => {
  const { transport } = client();
  await transport.call(get(), undefined);
  valid = 'token-2';
  answerLogin = () => [200, { token: 'never good' }];
  const error = await failure(transport.call(get(), undefined));
  expect(error).toMatchObject({
    name: 'UnauthorizedError',
    operation: 'things.get',
    attempts: 2,
    outcome: 'rejected',
  });
});

it('does not replay a one-shot body, nor where the rejection is not about the token', async () => {
  const { transport } = client();
  await transport.call(get(), undefined);
  valid = 'token-2';
  const body = Readable.from([Buffer.from('x')]);
  const error = await failure(
    transport.call(
      post('keyed', () => ({ once: body })),
      undefined,
    ),
  );
  expect(error).toMatchObject({ name: 'UnauthorizedError', attempts: 1 });
  const deaf = client({ mayBeExpired: () => false });
  await deaf.transport.call(get(), undefined);
  valid = 'token-3';
  await expect(failure(deaf.transport.call(get(), undefined))).resolves.toMatchObject({ attempts: 1 });
});

it('asks a refused login once, tells every caller, and tries again after a reset', async () => {
  const { transport, session } = client();
  answerLogin = () => [401, { message: 'Bad credentials' }];
  for (let times = 0; times < 3; times += 1) {
    const error = await failure<UnauthorizedError>(
      transport.call(
        post('unsafe', () => ({ json: 1 })),
        undefined,
      ),
    );
    expect(isUnauthorizedError(error)).toBe(true);
    expect(error).toBeInstanceOf(UnauthorizedError);
    expect(error).toMatchObject({ operation: 'session.login', outcome: 'not-sent' });
    expect(error.message).toMatch(
      /^things\.make: could not be authorized\. session\.login: the server answered 401/,
    );
  }
  expect(logins).toBe(1);
  answerLogin = () => [200, { token: valid }];
  session.reset();
  await expect(transport.call(get(), undefined)).resolves.toEqual({ ok: true });
});

it('an unclear login does not make an unsafe call look sent', async () => {
  const { transport } = client();
  answerLogin = () => [500, {}];
  const error = await failure(
    transport.call(
      post('unsafe', () => ({ json: 1 })),
      undefined,
    ),
  );
  expect(error).toMatchObject({ name: 'ServerError', operation: 'session.login', outcome: 'not-sent' });
  expect(server.seen.map(({ url }) => url)).toEqual(['/login']);
});

it('says who failed when the provider of a token throws, and repeats nothing of what it said', async () => {
  const transport = testTransport({
    baseUrl: server.url,
    session: { header: () => Promise.reject(new TypeError('CANARY')) },
  });
  const error = await failure<Error>(transport.call(get(), undefined));
  expect(error).toMatchObject({
    name: 'MftBridgeError',
    outcome: 'not-sent',
    message: expect.stringContaining('provider of the token failed (TypeError)'),
  });
  expect(error.stack).not.toContain('CANARY');
});

it('a login spends from the limiter without waiting behind its own call', async () => {
  const session = createTokenSession<Token>({
    obtain: async (signal) => ({ value: (await transport.call(login, undefined, { signal })).token }),
    present: ({ value }) => ({ name: 'authorization', value: `Bearer ${value}` }),
  });
  const transport: Transport = testTransport({
    baseUrl: server.url,
    session,
    limit: { perSecond: 100, burst: 1 },
    clocks: { totalMs: 3000 },
  });
  await expect(transport.call(get(), undefined)).resolves.toEqual({ ok: true });
});
