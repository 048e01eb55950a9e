import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { staticSession } from '../src/index';
import type { UrlRules } from '../src/index';
import { failure, json, loopback } from './loopback-server';
import type { Loopback } from './loopback-server';
import { closeTransports, testTransport } from './transports';

let server: Loopback;
beforeEach(async () => {
  server = await loopback((_, response) => response.end('file'));
});
afterEach(async () => {
  await closeTransports();
  await server.close();
});

const rules = (more: Partial<UrlRules> = {}): UrlRules => ({
  hosts: ['*.amazonaws.com', 'files.example.com'],
  allowLoopbackHttp: false,
  operation: 'attachments.open',
  ...more,
});
const transport = (): ReturnType<typeof testTransport> =>
  testTransport({
    baseUrl: server.url,
    session: staticSession({ name: 'authorization', value: 'Bearer SECRET' }),
    headers: { 'x-tenant': 'T1' },
    retry: { maxAttempts: 1 },
  });

it('fetches from this machine where that is permitted, without token and without the headers of the API', async () => {
  const { body } = await transport().downloadUrl(
    `${server.url}/a%2Fb?X-Amz-Signature=s%2B1`,
    rules({ allowLoopbackHttp: true }),
  );
  await expect(body.toArray().then((all) => Buffer.concat(all as Buffer[]).toString())).resolves.toBe('file');
  const [seen] = server.seen;
  expect(seen!.url).toBe('/a%2Fb?X-Amz-Signature=s%2B1');
  expect(seen!.headers).not.toHaveProperty('authorization');
  expect(seen!.headers).not.toHaveProperty('x-tenant');
});

it.each([
  ['/key/.?sig=1', '/key/.?sig=1'],
  ['/key/..?sig=1#part', '/key/..?sig=1'],
  ['/key/%2e%2E?sig=%2B', '/key/%2e%2E?sig=%2B'],
  ['/a/../b/./c d?q=x y', '/a/../b/./c%20d?q=x%20y'],
  ['/\u00e4/.', '/%C3%A4/.'],
  ['/a/..b/c.?sig=1', '/a/..b/c.?sig=1'],
])('asks for a file of the name of a dot segment as the link was signed: %s', async (link, asked) => {
  const { body } = await transport().downloadUrl(`${server.url}${link}`, rules({ allowLoopbackHttp: true }));
  await body.toArray();
  expect(server.seen.map(({ url }) => url)).toEqual([asked]);
});

it.each([
  ['no URL at all', 'nonsense', false],
  ['plain http', 'http://bucket.s3.amazonaws.com/x?sig=CANARY', false],
  [
    'plain http elsewhere, although loopback http is permitted',
    'http://bucket.s3.amazonaws.com/x?sig=CANARY',
    true,
  ],
  ['another scheme', 'file:///etc/passwd', true],
  ['a host that is not listed', 'https://evil.example/x?sig=CANARY', false],
  ['the bare domain of a wildcard', 'https://amazonaws.com/x', false],
  ['a name that only ends alike', 'https://evilamazonaws.com/x', false],
  ['a listed host as user', 'https://files.example.com@evil.example/x', false],
  ['a user', 'https://u:CANARY@files.example.com/x', false],
  ['an address of this machine', 'https://127.0.0.1/x', false],
  ["the address of a cloud's metadata", 'https://169.254.169.254/latest', true],
  ['an address in another spelling', 'https://2130706433/x', false],
  ['a private IPv6 address', 'https://[fd00::1]/x', true],
  ['a hexadecimal address', 'https://0x7f.0.0.1/x', false],
  ['an octal address', 'https://0177.0.0.01/x', false],
  ['an address with parts left out', 'https://127.1/x', false],
  ['an address with a dot behind', 'https://127.0.0.1./x', false],
  ['full-width digits', 'https://１２７.０.０.１/x', false],
  ['an IPv4-mapped address', 'https://[::ffff:127.0.0.1]/x', false],
  ['an IPv4-mapped private address, where loopback is permitted', 'https://[::ffff:10.0.0.1]/x', true],
  ['a NAT64 address of a private one', 'https://[64:ff9b::a00:1]/x', true],
  ['the address of nowhere, which is this machine', 'https://0.0.0.0/x', true],
  ['two dots behind a listed name', 'https://files.example.com../x', false],
  ['nothing but a dot before a listed domain', 'https://.amazonaws.com/x', false],
  ['a listed name behind a backslash', 'https://evil.example\\@files.example.com/x', false],
  ['a listed name in a fragment', 'https://evil.example#@files.example.com/', false],
])('refuses %s before anything is sent', async (_, url, allowLoopbackHttp) => {
  const error = await failure<Error>(
    transport().downloadUrl(
      url,
      rules({
        allowLoopbackHttp,
        hosts: [
          '*.amazonaws.com',
          'files.example.com',
          '127.0.0.1',
          '169.254.169.254',
          '0.0.0.0',
          '10.0.0.1',
          '[fd00::1]',
          '[::ffff:7f00:1]',
          '[::ffff:a00:1]',
          '[64:ff9b::a00:1]',
        ],
      }),
    ),
  );
  expect(error).toMatchObject({
    name: 'InvalidRequestError',
    outcome: 'not-sent',
    operation: 'attachments.open',
  });
  expect(JSON.stringify(error) + String(error.stack)).not.toContain('CANARY');
});

it('refuses a listed name that leads to this machine, at the moment of the connection', async () => {
  // "localhost" stands for a name under a stranger's control: it resolves, and to 127.0.0.1.
  const error = await failure(
    transport().downloadUrl(`https://localhost:${server.port}/x?sig=CANARY`, rules({ hosts: ['localhost'] })),
  );
  expect(error).toMatchObject({ name: 'ConnectionError', code: 'ADDRESS_REFUSED', outcome: 'not-sent' });
  expect(server.connections).toBe(0);
});

it('does not follow a redirect, and does not show where it leads', async () => {
  await server.close();
  server = await loopback((_, response) => {
    response.writeHead(302, { location: 'http://169.254.169.254/?sig=CANARY' }).end();
  });
  const error = await failure(
    transport().downloadUrl(`${server.url}/x?sig=CANARY`, rules({ allowLoopbackHttp: true })),
  );
  expect(error).toMatchObject({ name: 'RedirectRefusedError', status: 302, path: '(link)' });
  expect(JSON.stringify(error)).not.toMatch(/CANARY|169\.254/);
});

it('does not spend the limit of the API', async () => {
  const limited = testTransport({
    baseUrl: server.url,
    limit: { perSecond: 0.001, burst: 1 },
    clocks: { totalMs: 2000 },
  });
  for (let times = 0; times < 3; times += 1) {
    const { body } = await limited.downloadUrl(`${server.url}/x`, rules({ allowLoopbackHttp: true }));
    await body.toArray();
  }
  expect(server.seen).toHaveLength(3);
});

it('keeps connections for foreign links apart from those of the API', async () => {
  await server.close();
  server = await loopback((_, response) => json(response, 200, {}));
  const both = transport();
  await both.call({ name: 'a.b', method: 'GET', path: '/', safety: 'safe' }, undefined);
  await failure(both.downloadUrl(`https://127.0.0.1:${server.port}/`, rules({ hosts: ['127.0.0.1'] })));
  expect(server.seen).toHaveLength(1);
});

it('takes a listed name with a dot behind, and in another case', async () => {
  const own = transport();
  for (const host of ['FILES.example.com', 'files.example.com.']) {
    // Past the list: refused only by what DNS says of the name, if anything.
    const error = await failure(
      own.downloadUrl(`https://${host}:1/x`, rules(), { clocks: { headersMs: 500 } }),
    );
    expect(error).not.toMatchObject({ name: 'InvalidRequestError' });
  }
});

it('connects to this machine for a link to this machine, and never asks a proxy for it', async () => {
  const asked: string[] = [];
  const proxy = http.createServer().on('connect', ({ url }, socket) => {
    asked.push(url!);
    socket.destroy();
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const egress = { proxy: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}` };
  const own = testTransport({ baseUrl: server.url, egress, retry: { maxAttempts: 1 } });
  for (const host of ['127.0.0.1', 'localhost']) {
    const { body } = await own.downloadUrl(
      `http://${host}:${server.port}/x`,
      rules({ allowLoopbackHttp: true }),
    );
    await body.toArray();
  }
  expect(asked).toEqual([]);
  await failure(own.downloadUrl('https://files.example.com/x', rules()));
  expect(asked).toEqual(['files.example.com:443']);
  await new Promise((resolve) => proxy.close(resolve));
});
