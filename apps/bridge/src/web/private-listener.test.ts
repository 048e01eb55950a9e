import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { LedgerUnavailableError } from '../ledger/ledger-unavailable-error';
import type { HttpListener } from './http-listener';
import { createPrivateListener } from './private-listener';
import type { ListenerFixture } from './test/listener-fixture';
import { openListener, token } from './test/listener-fixture';

let web: ListenerFixture;
beforeEach(async () => {
  web = await openListener();
});
afterEach(() => web.close());

describe('without a token', () => {
  test('alive, and ready or why not', async () => {
    expect(await web.get('/livez', {})).toMatchObject({ status: 200, body: { live: true } });
    web.activity.serviceUp('gateway');
    expect(await web.get('/readyz', {})).toMatchObject({
      status: 503,
      body: { ready: false, reasons: [{ part: 'scanner', reason: 'it has not answered since the start' }] },
    });
    web.activity.serviceUp('scanner');
    expect(await web.get('/readyz', {})).toMatchObject({ status: 200, body: { ready: true, reasons: [] } });
  });

  test.each(['/metrics', '/api/v1/messages', '/api/v1/messages/m-6', '/api/v1/activity', '/nothing', '/'])(
    '%s is refused',
    async (path) => {
      for (const headers of [
        {},
        { authorization: `Bearer ${token}x` },
        { authorization: token },
        { authorization: `Basic ${token}` },
        { authorization: 'Bearer ' },
      ]) {
        const { status, body, headers: answered } = await web.get(path, { headers });
        expect(status).toBe(401);
        expect(body).toEqual({
          error: { code: 'unauthorized', message: expect.stringContaining('web.private.token') },
        });
        expect(answered.get('www-authenticate')).toBe('Bearer realm="mft-bridge"');
        expect(JSON.stringify(body)).not.toContain(token);
      }
    },
  );
});

test('metrics come with their own type', async () => {
  const { headers, body } = await web.get('/metrics');
  expect(body).toBe('up 1\n');
  expect(headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
});

test('paths that are not there, and methods that change something, are refused', async () => {
  expect(await web.get('/api/v1/nothing')).toMatchObject({
    status: 404,
    body: { error: { code: 'not-found' } },
  });
  for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
    const { status, headers, body } = await web.get('/api/v1/messages', {
      method,
      headers: { authorization: `Bearer ${token}` },
    });
    expect([status, headers.get('allow'), body.error.code]).toEqual([405, 'GET, HEAD', 'method-not-allowed']);
  }
});

test('every answer has the headers of a page that is none, and does not say what serves it', async () => {
  for (const path of ['/livez', '/api/v1/messages', '/nothing']) {
    const { headers } = await web.get(path);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-powered-by')).toBeNull();
  }
});

/** A listener whose list of messages is answered by `list`. */
async function listening(list: () => Promise<never>): Promise<{ listener: HttpListener; url: string }> {
  const { ledger } = web.dependencies;
  const listener = createPrivateListener({
    ...web.dependencies,
    ledger: { ...ledger, messages: { ...ledger.messages, list } },
  });
  return { listener, ...(await listener.listen({ host: '127.0.0.1', port: 0 })) };
}

const authorized = { headers: { authorization: `bearer ${token}` } };

test('a failure within is answered without its words, which are in the log', async () => {
  const { listener, url } = await listening(() => Promise.reject(new Error('/var/lib/secret-path')));
  try {
    const response = await fetch(`${url}/api/v1/messages`, authorized);
    expect(response.status).toBe(500);
    expect(await response.json()).toEqual({
      error: { code: 'internal', message: expect.not.stringContaining('secret-path') },
    });
    expect(web.lines.join()).toContain('secret-path');
  } finally {
    await listener.close();
  }
});

test('a ledger that cannot be read is 503, so that a caller tries again', async () => {
  const { listener, url } = await listening(() =>
    Promise.reject(new LedgerUnavailableError('/var/lib/x', 'SQLITE_IOERR')),
  );
  try {
    const response = await fetch(`${url}/api/v1/messages`, authorized);
    expect(response.status).toBe(503);
    expect(await response.json()).toEqual({
      error: { code: 'ledger-unavailable', message: expect.not.stringContaining('/var/lib') },
    });
    expect(web.lines.join()).toContain('SQLITE_IOERR');
  } finally {
    await listener.close();
  }
});

test('an address in use is refused with a sentence', async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  const { port } = taken.address() as AddressInfo;
  const second = createPrivateListener(web.dependencies);
  await expect(second.listen({ host: '127.0.0.1', port })).rejects.toThrow(
    /is in use: another bridge runs, or set web\.private\.port/,
  );
  await new Promise((resolve) => taken.close(resolve));
  await second.close();
});

test('closing ends idle connections without waiting for them', async () => {
  await web.get('/livez', {});
  await web.listener.close({ graceMs: 60_000 });
  await expect(fetch(`${web.url}/livez`)).rejects.toThrow();
});

test('closing cuts a request that never ends', async () => {
  let arrived = (): void => undefined;
  const inside = new Promise<void>((resolve) => (arrived = resolve));
  const { listener, url } = await listening(() => {
    arrived();
    return new Promise(() => undefined);
  });
  const answer = fetch(`${url}/api/v1/messages`, authorized).then(
    () => 'answered',
    () => 'cut',
  );
  await inside;
  await listener.close({ graceMs: 20 });
  expect(await answer).toBe('cut');
});
