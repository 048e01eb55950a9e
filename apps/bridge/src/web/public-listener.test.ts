/** Strangers reach this listener. They learn nothing from it, and cost nothing. */
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { buildWebhook } from '@mft-bridge/as2-gateway-client/testing';
import { Secret } from '../config/secret';
import type { HttpListener } from './http-listener';
import { createPublicListener } from './public-listener';

const secret = 'canary-webhook-secret-0001';
const next = 'canary-webhook/secret 0002';
let listener: HttpListener;
let port: number;
let hints: number;

beforeEach(async () => {
  hints = 0;
  listener = createPublicListener({
    secrets: [new Secret(secret), new Secret(next)],
    stations: ['HUB'],
    onHint: () => (hints += 1),
  });
  ({ port } = await listener.listen({ host: '127.0.0.1', port: 0 }));
});
afterEach(() => listener.close({ graceMs: 0 }));

const received = (station = 'HUB'): string => JSON.stringify(buildWebhook('received', { station }));

/** Sends bytes as they are and answers with all that came back until the connection ended. */
function raw(...parts: readonly (string | Buffer)[]): Promise<string> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const socket = open();
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(Buffer.concat(chunks).toString()));
    for (const part of parts) socket.write(part);
  });
}

function open(): Socket {
  return connect({ port, host: '127.0.0.1' });
}

function request(method: string, path: string, body = '', headers: readonly string[] = []): string {
  const lines = [
    `${method} ${path} HTTP/1.1`,
    'Host: bridge',
    `Content-Length: ${String(body.length)}`,
    ...headers,
  ];
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}

const accepted = 'HTTP/1.1 202 Accepted\r\nConnection: close\r\nContent-Length: 0\r\n\r\n';
const nothing = 'HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n';

describe('an event', () => {
  test.each([
    ['the secret', secret],
    ['the second secret, while it is changed', encodeURIComponent(next)],
    ['a slash behind it', `${secret}/`],
    ['a query behind it', `${secret}?from=gateway`],
  ])('with %s: taken, and brings the poll forward', async (_name, path) => {
    expect(await raw(request('POST', `/hooks/${path}`, received()))).toBe(accepted);
    expect(hints).toBe(1);
  });

  test.each([
    ['sent', JSON.stringify(buildWebhook('sent'))],
    ['failed', JSON.stringify(buildWebhook('failed'))],
    ['of a kind that is not known', '{"eventType":"SFTP.SOMETHING"}'],
    ['without an id', '{"eventType":"MESSAGE.RECEIVED.SUCCESS"}'],
    ['about a station that is not read', received('OTHER')],
  ])('%s: taken, and brings nothing forward', async (_name, body) => {
    expect(await raw(request('POST', `/hooks/${secret}`, body))).toBe(accepted);
    expect(hints).toBe(0);
  });

  test('in the old names', async () => {
    const body = JSON.stringify(buildWebhook('received', {}, 'v1'));
    expect(await raw(request('POST', `/hooks/${secret}`, body))).toBe(accepted);
    expect(hints).toBe(1);
  });

  test('with Expect: 100-continue', async () => {
    const answer = await raw(request('POST', `/hooks/${secret}`, received(), ['Expect: 100-continue']));
    expect(answer).toBe(`HTTP/1.1 100 Continue\r\n\r\n${accepted}`);
    expect(hints).toBe(1);
  });

  test.each([
    ['no JSON', 'event=received'],
    ['nested as deep as the size allows', '['.repeat(60_000)],
    ['bytes of no text', '\u0000\u0001\u0002'],
  ])('%s: refused, and nothing breaks', async (_name, body) => {
    expect(await raw(request('POST', `/hooks/${secret}`, body))).toMatch(/^HTTP\/1.1 400 /);
    expect(hints).toBe(0);
    expect(await raw(request('POST', `/hooks/${secret}`, received()))).toBe(accepted);
  });
});

describe('everything else is one answer, byte for byte, that says nothing', () => {
  test.each([
    ['a wrong secret', request('POST', '/hooks/canary-webhook-secret-9999', received())],
    ['a part of the secret', request('POST', `/hooks/${secret.slice(0, -1)}`, received())],
    ['more than the secret', request('POST', `/hooks/${secret}x`, received())],
    ['the secret and another segment', request('POST', `/hooks/${secret}/x`, received())],
    ['no secret', request('POST', '/hooks/', received())],
    ['both secrets', request('POST', `/hooks/${secret},${encodeURIComponent(next)}`, received())],
    ['the secret in the query', request('POST', `/hooks/?secret=${secret}`, received())],
    ['another path', request('POST', `/${secret}`, received())],
    ['the path in another case', request('POST', `/HOOKS/${secret}`, received())],
    ['a path of the private listener', request('GET', '/readyz')],
    ['no proper percent-encoding', request('POST', '/hooks/%E0%A4%A', received())],
    ['a NUL', request('POST', '/hooks/%00', received())],
    ['GET with the secret', request('GET', `/hooks/${secret}`)],
    ['PUT with the secret', request('PUT', `/hooks/${secret}`, received())],
    ['OPTIONS with the secret', request('OPTIONS', `/hooks/${secret}`)],
    ['OPTIONS *', request('OPTIONS', '*')],
    ['an absolute address', request('POST', `http://other/hooks/${secret}`, received())],
    [
      'a body without end',
      'POST /hooks/x HTTP/1.1\r\nHost: b\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello',
    ],
    ['Expect with a wrong secret', request('POST', '/hooks/x', '', ['Expect: 100-continue'])],
    ['an Expect that nobody knows', request('POST', '/hooks/x', '', ['Expect: nonsense'])],
    ['an upgrade', request('GET', '/', '', ['Connection: Upgrade', 'Upgrade: websocket'])],
  ])('%s', async (_name, bytes) => {
    expect(await raw(bytes)).toBe(nothing);
    expect(hints).toBe(0);
  });

  test('HEAD', async () => {
    expect(await raw(request('HEAD', `/hooks/${secret}`))).toBe(nothing);
  });

  test.each([
    ['no HTTP', 'SSH-2.0-client\r\n'],
    ['TLS', Buffer.from('16030100', 'hex')],
    ['headers without end', `GET / HTTP/1.1\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`],
    ['two lengths', 'POST / HTTP/1.1\r\nHost: b\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n'],
    ['a tunnel', 'CONNECT bank.example:443 HTTP/1.1\r\nHost: bank.example\r\n\r\n'],
  ])('%s: the connection ends without a word', async (_name, bytes) => {
    expect(await raw(bytes)).toBe('');
  });
});

describe('slow and large', () => {
  test('a body above 64 KiB is refused, whether its length is said or not', async () => {
    const large = 'x'.repeat(64 * 1024 + 1);
    expect(await raw(request('POST', `/hooks/${secret}`, large))).toMatch(/^HTTP\/1.1 413 /);
    const chunked = `POST /hooks/${secret} HTTP/1.1\r\nHost: b\r\nTransfer-Encoding: chunked\r\n\r\n`;
    const answer = await raw(chunked, `${large.length.toString(16)}\r\n${large}\r\n`);
    expect(answer).toMatch(/^HTTP\/1.1 413 /);
    expect(hints).toBe(0);
  });

  test('a body of many MiB is not kept: the connection is cut while it comes', async () => {
    const socket = open();
    socket.on('error', () => undefined);
    socket.write(`POST /hooks/${secret} HTTP/1.1\r\nHost: b\r\nTransfer-Encoding: chunked\r\n\r\n`);
    const block = Buffer.alloc(1024 * 1024, 120);
    const ended = new Promise((resolve) => socket.on('close', resolve));
    const send = (): void => {
      if (socket.destroyed || socket.bytesWritten > 100 * block.length) return;
      socket.write(
        Buffer.concat([Buffer.from(`${block.length.toString(16)}\r\n`), block, Buffer.from('\r\n')]),
        send,
      );
    };
    send();
    await ended;
    expect(socket.bytesWritten).toBeLessThan(20 * block.length);
  });

  test('headers that trickle: cut after seconds, and others are served meanwhile', async () => {
    const began = Date.now();
    const trickling = Array.from({ length: 20 }, () => {
      const socket = open();
      socket.on('error', () => undefined);
      socket.write('POST /hooks/x HTTP/1.1\r\n');
      const timer = setInterval(() => socket.write('X: y\r\n'), 200);
      return new Promise<void>((resolve) =>
        socket.on('close', () => {
          clearInterval(timer);
          resolve();
        }),
      );
    });
    expect(await raw(request('POST', `/hooks/${secret}`, received()))).toBe(accepted);
    await Promise.all(trickling);
    expect(Date.now() - began).toBeLessThan(25_000);
  });

  test('a body that trickles, by somebody who knows the secret: cut as well', async () => {
    const began = Date.now();
    const socket = open();
    socket.on('error', () => undefined);
    socket.write(`POST /hooks/${secret} HTTP/1.1\r\nHost: b\r\nContent-Length: 1000\r\n\r\n`);
    const timer = setInterval(() => socket.write('x'), 200);
    await new Promise((resolve) => socket.on('close', resolve));
    clearInterval(timer);
    expect(Date.now() - began).toBeLessThan(40_000);
    expect(hints).toBe(0);
  }, 180_000);

  test('it closes while connections are held open', async () => {
    const socket = open();
    socket.on('error', () => undefined);
    socket.write('POST /hooks/x HTTP/1.1\r\n');
    await new Promise((resolve) => setTimeout(resolve, 50));
    await listener.close({ graceMs: 50 });
    await expect(raw(request('GET', '/'))).resolves.toBe('');
  });
});

test('an address that is taken is said with the name of the setting', async () => {
  const second = createPublicListener({
    secrets: [new Secret(secret)],
    stations: [],
    onHint: () => undefined,
  });
  await expect(second.listen({ host: '127.0.0.1', port })).rejects.toThrow(/set web\.public\.port/);
});
