import { createServer, connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { runSandbox } from '../src/control/run-sandbox';
import { startAs2GatewaySandbox, startMetaDefenderSandbox } from '../src/index';
import type { As2GatewaySandbox, MetaDefenderSandbox } from '../src/index';
import { attachment, gatewayFixture, login, segment } from './gateway-fixture';
import type { Json } from './gateway-fixture';

/** Sends bytes as they are; resolves with what came back when the connection is over, or quiet for a moment. */
function sendRaw(url: string, bytes: string | Buffer): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    socket.setTimeout(150, () => socket.destroy());
    socket.on('data', (part) => (answer += part.toString('latin1')));
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(answer));
  });
}

describe('a request that makes no sense', () => {
  let gateway: As2GatewaySandbox;
  let scanner: MetaDefenderSandbox;
  let token: string;
  const unhandled: unknown[] = [];
  const note = (error: unknown): void => void unhandled.push(error);
  beforeAll(async () => {
    process.on('unhandledRejection', note);
    gateway = await startAs2GatewaySandbox();
    scanner = await startMetaDefenderSandbox();
    token = ((await (await login(gateway)).json()) as Json).apiToken;
  });
  afterAll(async () => {
    await Promise.all([gateway.close(), scanner.close()]);
    process.removeListener('unhandledRejection', note);
    expect(unhandled).toEqual([]);
  });

  const hosts = (): string[] => [gateway.url, gateway.filesUrl, scanner.url];
  async function expectAlive(): Promise<void> {
    for (const url of hosts())
      expect((await fetch(`${url}/nothing/here`)).status).toBeGreaterThanOrEqual(400);
  }

  it.each([
    ['no HTTP', '\x00\xff\x16\x03garbage\r\n\r\n'],
    ['no version', 'GET /\r\n\r\n'],
    [
      'two lengths',
      'POST /authorize HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc',
    ],
    ['a negative length', 'POST /authorize HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n'],
    ['broken chunks', 'POST /authorize HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n'],
    ['a header of 1 MB', `GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(1_000_000)}\r\n\r\n`],
    ['a broken percent sign', 'GET /message/inbox/%E0%A4%A HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['an absolute address', 'GET http://a.example/x HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['an upgrade', 'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'],
    ['CONNECT', 'CONNECT a.example:443 HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['half a body', 'POST /authorize HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{'],
  ])('%s: everybody else is answered', async (_name, bytes) => {
    for (const url of hosts()) expect(await sendRaw(url, bytes)).not.toMatch(/^HTTP\/1\.1 2/);
    await expectAlive();
  });

  const BODIES = ['', 'null', '5', '"x"', '[]', '{}', '[null]', '{"a":', `[${'['.repeat(10_000)}`, '\xff'];
  it.each([
    'POST /authorize',
    'POST /message/submit',
    'POST /message/inbox/delete',
    'POST /message/outbox/delete',
    'POST /station',
    'POST /partner',
    'PUT /partner?service=as2',
    'POST /certificate',
  ])('%s is a 4xx with any body, never a failure of the sandbox', async (operation) => {
    const [method = '', path = ''] = operation.split(' ');
    for (const body of BODIES) {
      const answer = await fetch(gateway.url + path, { method, body, headers: { Authorization: token } });
      expect([400, 401, 404, 413, 422]).toContain(answer.status);
    }
  });

  it.each([
    'POST /token',
    'POST /folder',
    'PUT /rename_folder',
    'DELETE /folders',
    'PUT /rename_file',
    'PUT /move_files',
    'POST /create_archive_download',
    'DELETE /files',
    'PATCH /transfer_file',
    'POST /transfer_file',
    'POST /transfer',
  ])('scanner: %s with any body is no 5xx', async (operation) => {
    const [method = '', path = ''] = operation.split(' ');
    for (const body of BODIES) {
      const headers = { Authorization: `Bearer ${scanner.apiKey}` };
      const answer = await fetch(`${scanner.url}/vault_rest${path}`, { method, body, headers });
      expect(answer.status).toBeLessThan(500);
    }
  });
});

describe('closing is prompt', () => {
  const PROMPT_MS = 2_000;
  async function closeTime(close: () => Promise<void>): Promise<number> {
    const began = performance.now();
    await close();
    return performance.now() - began;
  }

  it('with callers that wait, that send slowly, and that read slowly', async () => {
    const { gateway, call, token, json } = await gatewayFixture();
    gateway.faults.add({ on: 'GET /message/inbox', fault: { kind: 'latency', ms: 3_600_000 } });
    gateway.faults.add({ on: 'GET /message/outbox', fault: { kind: 'stall', where: 'headers' } });
    gateway.faults.add({ on: 'GET /partner', fault: { kind: 'trickle', bytes: 1, everyMs: 3_600_000 } });
    await gateway.partner('ACME').send({
      messageId: '<1@a>',
      attachments: [{ name: 'big', generate: { bytes: 1e9, seed: 1 } }],
    });
    const { attachments } = await json('GET', `/message/inbox/${segment('<1@a>')}/attachments`);
    const waiting = ['/message/inbox', '/message/outbox', '/partner'].map((path) =>
      call('GET', path)
        .then((answer) => answer.text())
        .catch(() => 'cut'),
    );
    const reader = (await fetch(attachments[0].url)).body!.getReader();
    await reader.read();
    const { hostname, port } = new URL(gateway.url);
    const slow = connect(Number(port), hostname);
    slow.on('error', () => undefined);
    slow.write(
      `POST /message/submit HTTP/1.1\r\nHost: x\r\nAuthorization: ${token}\r\nAS2-From: HUB\r\nAS2-To: ACME\r\nContent-Length: 99\r\n\r\nx`,
    );
    while ((gateway.calls['POST /message/submit'] ?? 0) === 0 || gateway.faults.hits.length < 3)
      await new Promise((next) => setImmediate(next));
    expect(await closeTime(() => gateway.close())).toBeLessThan(PROMPT_MS);
    expect(await Promise.all(waiting)).toEqual(['cut', 'cut', 'cut']);
    await reader.cancel().catch(() => undefined);
    slow.destroy();
  });

  it('with webhooks that nobody answers, and says that they are lost', async () => {
    const receiver = createServer(() => undefined);
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    const { gateway } = await gatewayFixture();
    const { port } = receiver.address() as AddressInfo;
    gateway.webhooks.setTarget({ url: `http://127.0.0.1:${String(port)}` });
    for (let number = 0; number < 100; number += 1)
      await gateway.partner('ACME').send({ attachments: [attachment()] });
    const flushed = gateway.webhooks.flush();
    expect(await closeTime(() => gateway.close())).toBeLessThan(PROMPT_MS);
    await flushed;
    expect(gateway.webhooks.sent).toHaveLength(100);
    expect(new Set(gateway.webhooks.sent.map(({ lost }) => lost))).toEqual(
      new Set([expect.stringContaining('abort')]),
    );
    receiver.close();
  });
});

describe('two sandboxes in one process', () => {
  it('share nothing', async () => {
    const [one, two] = [await runSandbox({ seed: 'a' }), await runSandbox({ seed: 'b' })];
    const [first, second] = [one.ready as Json, two.ready as Json];
    const post = (url: string, body: object): Promise<Response> =>
      fetch(url, { method: 'POST', body: JSON.stringify(body) });
    await post(`${first.control.url}/partners/ACME/send`, { attachments: [{ name: 'a', base64: 'YQ==' }] });
    await post(`${first.control.url}/faults`, { on: 'POST /authorize', fault: { kind: 'html' } });
    await post(`${first.control.url}/outcomes`, { outcome: { box: 'failed' } });
    await post(`${first.control.url}/clock`, { advanceMs: 1e9 });
    await post(`${first.control.url}/scanner/settings`, { sso: 'enforced' });
    const { tokenId: tokenID, tokenSecret } = first.gateway.credentials;
    expect((await post(`${second.gateway.url}/authorize`, { tokenID, tokenSecret })).status).toBe(401);
    const foreign = { headers: { Authorization: `Bearer ${String(first.scanner.apiKey)}` } };
    expect((await fetch(`${second.scanner.url}/vault_rest/version`, foreign)).status).toBe(401);
    const get = async (path: string): Promise<Json> =>
      (await fetch(`${String(second.control.url)}${path}`)).json();
    const { sent, received, faults } = await get('/observer');
    expect([sent, received, faults]).toEqual([[], [], []]);
    expect((await get('/faults')).faults).toEqual([]);
    expect((await get('/outcomes')).rules).toEqual([]);
    expect((await get('/scanner/settings')).sso).toBe('off');
    expect(Math.abs((await get('/clock')).gateway - Date.now())).toBeLessThan(60_000);
    await one.close();
    expect((await get('/health')).gateway.plugged).toBe(true);
    await two.close();
  });
});
