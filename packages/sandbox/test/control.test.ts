import { createHash } from 'node:crypto';
import { request } from 'node:http';
import { runSandbox } from '../src/control/run-sandbox';
import type { RunningSandbox } from '../src/control/run-sandbox';
import type { Json } from './gateway-fixture';

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

describe('control listener', () => {
  let sandbox: RunningSandbox;
  let urls: Json;
  beforeAll(async () => {
    sandbox = await runSandbox();
    urls = sandbox.ready;
  });
  afterAll(() => sandbox.close());

  const post = (path: string, body?: unknown): Promise<Response> =>
    fetch(`${urls.control.url}${path}`, {
      method: 'POST',
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const observer = async (): Promise<Json> => (await fetch(`${urls.control.url}/observer`)).json();

  it('tells addresses and credentials that work', async () => {
    const health: Json = await (await fetch(`${urls.control.url}/health`)).json();
    expect(health).toEqual({ gateway: urls.gateway, scanner: urls.scanner });
    const { tokenId, tokenSecret } = health.gateway.credentials;
    const login = await fetch(`${health.gateway.url}/authorize`, {
      method: 'POST',
      body: JSON.stringify({ tokenID: tokenId, tokenSecret }),
    });
    expect(login.status).toBe(200);
    const version = await fetch(`${health.scanner.url}/vault_rest/version`, {
      headers: { Authorization: `Bearer ${health.scanner.apiKey}` },
    });
    expect(version.status).toBe(200);
  });

  it('sends in the name of a partner, and the observer has it', async () => {
    const content = Buffer.from('ISA*00*');
    const answer = await post('/partners/ACME/send', {
      to: 'HUB',
      messageId: '<c1@acme>',
      subject: 'PO',
      attachments: [
        { name: 'po.edi', contentType: 'application/edi-x12', base64: content.toString('base64') },
        { name: 'big.bin', generate: { bytes: 3_000_000, seed: 7 } },
      ],
    });
    expect(answer.status).toBe(200);
    const record: Json = await answer.json();
    expect(record).toMatchObject({ messageId: '<c1@acme>', from: 'ACME', to: 'HUB', subject: 'PO' });
    expect(record.attachments[0]).toEqual({ name: 'po.edi', size: 7, sha256: sha256(content) });
    expect(record.attachments[1]).toMatchObject({ name: 'big.bin', size: 3_000_000 });
    expect((await observer()).sent).toContainEqual(record);
  });

  it('shows what arrived at the partners, what was scanned, and the calls of both services', async () => {
    const { gateway } = urls;
    const login: Json = await (
      await fetch(`${gateway.url}/authorize`, {
        method: 'POST',
        body: JSON.stringify({
          username: gateway.credentials.username,
          password: gateway.credentials.password,
        }),
      })
    ).json();
    const submit = await fetch(`${gateway.url}/message/submit`, {
      method: 'POST',
      headers: {
        Authorization: login.apiToken,
        'AS2-From': 'HUB',
        'AS2-To': 'WAREHOUSE',
        'Attachment-Name': 'a.txt',
      },
      body: 'abc',
    });
    expect(submit.status).toBe(202);
    let seen = await observer();
    for (const end = Date.now() + 5_000; seen.received.length === 0 && Date.now() < end;)
      seen = await observer();
    expect(seen.received).toEqual([
      expect.objectContaining({
        partner: 'WAREHOUSE',
        from: 'HUB',
        attachments: [
          expect.objectContaining({ name: 'a.txt', size: 3, sha256: sha256(Buffer.from('abc')) }),
        ],
      }),
    ]);
    expect(seen.scanned).toEqual([]);
    expect(seen.calls['POST /message/submit']).toBe(1);
  });

  it.each([
    ['/partners/NOBODY/send', { attachments: [] }, 404, 'There is no partner NOBODY'],
    ['/partners/ACME/send', [], 400, 'The body must be a JSON object'],
    ['/partners/ACME/send', {}, 400, '`attachments` must be a list'],
    ['/partners/ACME/send', { to: 'NOWHERE', attachments: [] }, 400, 'There is no station NOWHERE'],
    ['/partners/ACME/send', { attachments: [{}] }, 400, '`attachments[0].name` must be a text'],
    ['/partners/ACME/send', { attachments: [{ name: 'a' }] }, 400, 'needs its content'],
    ['/partners/ACME/send', { attachments: [{ name: 'a', base64: 'a-b' }] }, 400, 'is not base64'],
    [
      '/partners/ACME/send',
      { attachments: [{ name: 'a', generate: { bytes: -1, seed: 1 } }] },
      400,
      'generate.bytes',
    ],
    ['/services/printer/unplug', undefined, 404, 'no such address'],
  ])('refuses %s %j in words', async (path, body, status, text) => {
    const answer = await post(path, body);
    expect(answer.status).toBe(status);
    expect(((await answer.json()) as Json).error).toContain(text);
  });

  it.each(['gateway', 'scanner'])('unplugs and plugs the %s', async (service) => {
    expect(await (await post(`/services/${service}/unplug`)).json()).toEqual({ plugged: false });
    await expect(fetch(urls[service].url)).rejects.toThrow('fetch failed');
    const health: Json = await (await fetch(`${urls.control.url}/health`)).json();
    expect(health[service].plugged).toBe(false);
    expect(await (await post(`/services/${service}/plug`)).json()).toEqual({ plugged: true });
    expect((await fetch(urls[service].url)).status).toBeGreaterThan(0);
  });

  it('answers no web page and no foreign host name', async () => {
    const fromPage = await fetch(`${urls.control.url}/health`, {
      headers: { Origin: 'http://evil.example' },
    });
    expect(fromPage.status).toBe(403);
    const status = await new Promise((resolve, reject) => {
      request(`${urls.control.url}/health`, { headers: { Host: 'evil.example' } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on('error', reject)
        .end();
    });
    expect(status).toBe(403);
  });
});
