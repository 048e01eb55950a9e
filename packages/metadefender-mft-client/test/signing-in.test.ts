import { createServer } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { MetaDefenderSandbox } from '@mft-bridge/sandbox';
import { startMetaDefenderSandbox } from '@mft-bridge/sandbox';
import {
  isInvalidRequestError,
  isLoginError,
  isMftBridgeError,
  isUnauthorizedError,
  MetaDefenderClient,
} from '../src/index';
import type { AuthOptions } from '../src/index';

const HOUR = 3_600_000;
const username = 'bridge';
const password = 'pässword: mit Doppelpunkt';

let now: number;
let sandbox: MetaDefenderSandbox;
const atEnd: (() => Promise<void>)[] = [];
beforeEach(async () => {
  now = Date.UTC(2026, 0, 1);
  sandbox = await startMetaDefenderSandbox({
    users: [{ username, password }],
    guestPins: ['123-123-123'],
    clock: () => now,
    sessionMs: HOUR,
  });
  atEnd.push(() => sandbox.close());
});
afterEach(async () => {
  for (const close of atEnd.splice(0).reverse()) await close();
});

function client(auth: AuthOptions, baseUrl = sandbox.url): MetaDefenderClient {
  const md = new MetaDefenderClient({ baseUrl, auth, now: () => now, retry: { baseMs: 1, capMs: 2 } });
  atEnd.push(() => md.close());
  return md;
}
const failureOf = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );
const logins = () => sandbox.calls['GET /vault_rest/authenticate'] ?? 0;
const extensions = () => sandbox.calls['PUT /vault_rest/token'] ?? 0;

test('user and password begin one session, however many calls ask at once', async () => {
  const md = client({ username, password });
  await Promise.all(Array.from({ length: 10 }, () => md.version()));
  expect(logins()).toBe(1);
});

test('a guest signs in with a pin alone', async () => {
  expect(await client({ guestPin: '123-123-123' }).version()).toBe('3.11.5');
});

test('the session is extended ahead of its end, and the key that comes back is used', async () => {
  const md = client({ username, password });
  await md.version();
  now += HOUR - 20_000;
  expect(await md.version()).toBe('3.11.5');
  expect([logins(), extensions()]).toEqual([1, 1]);
  now += HOUR / 2;
  await md.version();
  expect([logins(), extensions()]).toEqual([1, 1]);
});

test('when the session is over and cannot be extended, a new one is begun', async () => {
  const md = client({ username, password });
  await md.version();
  now += 2 * HOUR;
  expect(await md.version()).toBe('3.11.5');
  expect(logins()).toBe(2);
});

test('a wrong password is tried once, in one form, and not again by later calls', async () => {
  const md = client({ username, password: 'wrong' });
  for (let call = 0; call < 3; call += 1) {
    const error = await failureOf(md.version());
    expect(isLoginError(error) && error.reason).toBe('credentials');
    expect(String(error)).toContain('separator: "colon"');
    expect(String(error)).not.toContain('wrong\r\n');
  }
  expect(logins()).toBe(1);
});

test('the colon form is sent where it is asked for', async () => {
  const seen = await answering(() => [
    200,
    { Token: 'abc', Expires: '2026-01-01T01:00:00', Result: 'Success' },
  ]);
  await client({ username, password, separator: 'colon' }, seen.url).version();
  expect(decoded(seen.requests[0])).toBe(`${username}:${password}`);
  expect(seen.requests[1]?.headers.authorization).toBe('Bearer abc');
});

test('by default CR LF joins the two, in UTF-8', async () => {
  const seen = await answering(() => [
    200,
    { token: 'abc', expires: '2026-01-01T01:00:00.0000000Z', user_id: 1 },
  ]);
  await client({ username, password }, seen.url).version();
  expect(decoded(seen.requests[0])).toBe(`${username}\r\n${password}`);
});

test.each<[number, Record<string, unknown> | string, string]>([
  [200, { Result: 'ErrorMfaRequired', Token: null }, 'mfa-required'],
  [200, { Result: 'ErrorInvalidCredentials' }, 'credentials'],
  [200, { Result: 'ErrorServiceUnavailable' }, 'service-unavailable'],
  [200, { Result: 'ErrorSomethingNew' }, 'refused'],
  [200, { expires: '2026-01-01T01:00:00Z' }, 'no-token'],
  [401, {}, 'credentials'],
  [403, { ui_message_key: 'LOGIN_ACCOUNT_LOCKED' }, 'locked-out'],
  [403, { ui_message_key: 'LOGIN_SSO_ENFORCED' }, 'sso-enforced'],
  [409, {}, 'password-conflict'],
  [417, {}, 'directory-unreachable'],
  [400, '<html>no</html>', 'refused'],
])('a login answered with %d %j is a LoginError that says what to do', async (status, body, reason) => {
  const seen = await answering(() => [status, body]);
  const error = await failureOf(client({ username, password }, seen.url).version());
  expect(isLoginError(error) && error.reason).toBe(reason);
  expect(isMftBridgeError(error)).toBe(true);
  expect(isLoginError(error) && error.hint).toBeTruthy();
  expect(JSON.stringify(error)).not.toContain(password);
  expect(seen.requests).toHaveLength(1);
});

test('a server that fails is no refusal: the login is tried again when the next call needs it', async () => {
  let answers = 0;
  const seen = await answering(({ url }) => {
    if (url?.includes('authenticate') !== true) return [200, '"3.9.1"'];
    answers += 1;
    return answers === 1 ? [417, {}] : [200, { token: 'abc' }];
  });
  const md = client({ username, password }, seen.url);
  expect(isLoginError(await failureOf(md.version()))).toBe(true);
  expect(await md.version()).toBe('3.9.1');
});

test('a key somebody else obtained is extended, but never replaced', async () => {
  const other = client({ username, password });
  await other.version();
  let key = '';
  const seen = await answering(({ url }) => {
    if (url?.includes('/token') === true)
      return key === 'dead' ? [403, {}] : [200, { token: 'second', expires: '2026-01-01T02:00:00Z' }];
    return [200, '"3.9.1"'];
  });
  const md = client({ userKey: 'first', expires: now + 10_000 }, seen.url);
  await md.version();
  now += 9900;
  await md.version();
  expect(seen.requests.at(-1)?.headers.authorization).toBe('Bearer second');
  key = 'dead';
  now += 3 * HOUR;
  const error = await failureOf(md.version());
  expect(isLoginError(error) && error.reason).toBe('key-expired');
});

test('a provider is asked again when its key has run out', async () => {
  let handed = 0;
  const seen = await answering(() => [200, '"3.9.1"']);
  const md = client(
    {
      provider: async () => {
        handed += 1;
        return { key: `key-${String(handed)}`, expires: new Date(now + HOUR) };
      },
    },
    seen.url,
  );
  await md.version();
  now += HOUR;
  await md.version();
  expect(seen.requests.map((request) => request.headers.authorization)).toEqual([
    'Bearer key-1',
    'Bearer key-2',
  ]);
});

test('a 401 to a key that is good for long is no reason to sign in again: it also means "bad parameter"', async () => {
  const seen = await answering(({ url }) =>
    url?.includes('authenticate') === true
      ? [200, { token: 'abc', expires: '2026-01-01T01:00:00Z' }]
      : [401, {}],
  );
  const error = await failureOf(client({ username, password }, seen.url).version());
  expect(isUnauthorizedError(error)).toBe(true);
  expect(seen.requests).toHaveLength(2);
});

test('a 403 to a key without a known end is met with one new login', async () => {
  let key = 0;
  const seen = await answering(({ url, headers }) => {
    if (url?.includes('authenticate') === true) return [200, { token: `key-${String((key += 1))}` }];
    if (url?.includes('/token') === true) return [403, {}];
    return headers.authorization === 'Bearer key-2' ? [200, '"3.9.1"'] : [403, {}];
  });
  expect(await client({ username, password }, seen.url).version()).toBe('3.9.1');
  expect(key).toBe(2);
});

test('logout ends the session at the server; the next call begins another one', async () => {
  const md = client({ username, password });
  await md.version();
  await md.logout();
  expect(sandbox.calls['DELETE /vault_rest/authenticate']).toBe(1);
  await md.version();
  expect(logins()).toBe(2);
});

test('logout of a session that was never begun, or is over, does no harm', async () => {
  const md = client({ username, password });
  await md.logout();
  expect(sandbox.calls).toEqual({});
  await md.version();
  now += 2 * HOUR;
  await md.logout();
});

test('a logout whose answer never came can be repeated: the session is not forgotten while it lives', async () => {
  const md = client({ username, password });
  await md.version();
  const away = sandbox.faults.add({
    on: 'DELETE /vault_rest/authenticate',
    fault: { kind: 'status', status: 503 },
    times: 4,
  });
  expect(isMftBridgeError(await failureOf(md.logout()))).toBe(true);
  expect(away.hits).toBe(4);
  await md.logout();
  expect(sandbox.calls['DELETE /vault_rest/authenticate']).toBe(5);
  // Ended: there is nothing left to end.
  await md.logout();
  expect(sandbox.calls['DELETE /vault_rest/authenticate']).toBe(5);
});

test('logout refuses with an API key, which that call would delete', async () => {
  const md = client({ apiKey: sandbox.apiKey });
  const error = await failureOf(md.logout());
  expect(isInvalidRequestError(error)).toBe(true);
  expect(String(error)).toContain('deletes the key');
  expect(sandbox.calls).toEqual({});
  expect(await md.version()).toBe('3.11.5');
});

test('an empty credential is refused when the client is made', () => {
  const make = (auth: AuthOptions) => () => new MetaDefenderClient({ baseUrl: sandbox.url, auth });
  expect(make({ apiKey: '' })).toThrow('apiKey is missing');
  expect(make({ apiKey: undefined as unknown as string })).toThrow('apiKey is missing');
  expect(make({ username, password: '' })).toThrow('password is missing');
});

test('plain http to another machine is refused, loopback is not', () => {
  const make = (baseUrl: string, allowInsecureHttp?: boolean) => () =>
    new MetaDefenderClient({ baseUrl, auth: { apiKey: 'k' }, allowInsecureHttp });
  expect(make('http://mft.example.com:8010')).toThrow(/http/);
  expect(make('http://mft.example.com:8010', true)).not.toThrow();
  expect(make('http://127.0.0.1:8010/vault_rest/')).not.toThrow();
});

interface Answering {
  readonly url: string;
  readonly requests: IncomingMessage[];
}

/** A server that answers as it is told, and remembers what it was asked. */
async function answering(
  answer: (request: IncomingMessage) => readonly [number, Record<string, unknown> | string],
): Promise<Answering> {
  const requests: IncomingMessage[] = [];
  const server: Server = createServer((request, response) => {
    requests.push(request);
    const [status, body] = answer(request);
    const json = typeof body !== 'string' || body.startsWith('"');
    response.writeHead(status, { 'content-type': json ? 'application/json' : 'text/html' });
    response.end(
      typeof body === 'string'
        ? body
        : JSON.stringify(request.url?.includes('version') === true && status === 200 ? '3' : body),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  atEnd.push(
    () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  return { url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`, requests };
}

const decoded = (request: IncomingMessage | undefined): string =>
  Buffer.from((request?.headers.authorization ?? '').replace('Basic ', ''), 'base64').toString('utf8');
