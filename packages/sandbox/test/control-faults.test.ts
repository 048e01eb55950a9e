import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { runSandbox } from '../src/control/run-sandbox';
import type { RunningSandbox } from '../src/control/run-sandbox';
import type { Json } from './gateway-fixture';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const HOUR = 3600_000;

describe('control listener: what goes wrong, what time it is, and who saw it', () => {
  let sandbox: RunningSandbox;
  let urls: Json;
  beforeEach(async () => {
    sandbox = await runSandbox({ seed: 'tests' });
    urls = sandbox.ready;
  });
  afterEach(() => sandbox.close());

  async function control(method: string, path: string, body?: unknown): Promise<[number, Json]> {
    const answer = await fetch(`${urls.control.url}${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return [answer.status, await answer.json()];
  }
  const ok = async (method: string, path: string, body?: unknown): Promise<Json> => {
    const [status, answer] = await control(method, path, body);
    expect([status, answer]).toEqual([200, answer]);
    return answer;
  };
  async function login(): Promise<string> {
    const { tokenId, tokenSecret } = urls.gateway.credentials;
    const answer = await fetch(`${urls.gateway.url}/authorize`, {
      method: 'POST',
      body: JSON.stringify({ tokenID: tokenId, tokenSecret }),
    });
    return ((await answer.json()) as Json).apiToken;
  }
  const inbox = (token: string): Promise<Response> =>
    fetch(`${urls.gateway.url}/message/inbox`, { headers: { Authorization: token } });
  const version = (): Promise<Response> =>
    fetch(`${urls.scanner.url}/vault_rest/version`, {
      headers: { Authorization: `Bearer ${urls.scanner.apiKey}` },
    });
  async function submit(token: string, to: string, body: string): Promise<Response> {
    return fetch(`${urls.gateway.url}/message/submit`, {
      method: 'POST',
      headers: { Authorization: token, 'AS2-From': 'HUB', 'AS2-To': to, 'Attachment-Name': 'a.txt' },
      body,
    });
  }
  const partnerSends = (id: string, messageId: string, text: string): Promise<Json> =>
    ok('POST', `/partners/${id}/send`, {
      messageId,
      attachments: [{ name: `${text}.txt`, base64: Buffer.from(text).toString('base64') }],
    });

  describe('/faults', () => {
    it('adds, lists, counts and removes; the seed is told', async () => {
      const rule = { on: 'GET /message/inbox', fault: { kind: 'status', status: 503 }, times: 2 };
      const { faults } = await ok('POST', '/faults', { service: 'gateway', ...rule });
      expect(faults).toEqual([{ id: 'gateway.fault-1', service: 'gateway', hits: 0, ...rule }]);
      const token = await login();
      expect((await inbox(token)).status).toBe(503);
      expect(await ok('GET', '/faults')).toEqual({
        seeds: { gateway: 'tests', scanner: 'tests' },
        faults: [{ ...faults[0], hits: 1 }],
      });
      expect(urls.gateway.seed).toBe('tests');
      await ok('DELETE', '/faults/gateway.fault-1');
      expect((await inbox(token)).status).toBe(200);
      expect((await control('DELETE', '/faults/gateway.fault-1'))[0]).toBe(404);
    });

    it('goes to the service that has the operation, and to both where both have it', async () => {
      const [one] = (await ok('POST', '/faults', { on: 'GET /vault_rest/version', fault: { kind: 'html' } }))
        .faults;
      expect(one.service).toBe('scanner');
      const page = await version();
      expect([page.status, await page.text()]).toEqual([502, expect.stringContaining('<html>')]);
      const { faults } = await ok('POST', '/faults', { on: 'GET *', fault: { kind: 'latency', ms: 0 } });
      expect(faults.map(({ service }: Json) => service)).toEqual(['gateway', 'scanner']);
      expect(await ok('DELETE', '/faults')).toEqual({ faults: [] });
      expect((await version()).status).toBe(200);
    });

    it.each([
      [{ on: 'GET /message/inbox', fault: { kind: 'oops' } }, '`fault.kind` must be one of'],
      [{ on: 'GET /nothing', fault: { kind: 'html' } }, 'No operation of this service'],
      [{ on: '*', service: 'printer', fault: { kind: 'html' } }, '`service` must be'],
      [[], 'The body must be a JSON object'],
    ])('refuses %j in words', async (body, words) => {
      const [status, { error }] = await control('POST', '/faults', body);
      expect([status, error]).toEqual([400, expect.stringContaining(words)]);
    });
  });

  describe('/clock', () => {
    it('moves both services: a token of the gateway and what the scanner shows', async () => {
      const token = await login();
      const before = await ok('GET', '/clock');
      const after = await ok('POST', '/clock', { advanceMs: HOUR });
      expect(after.gateway - before.gateway).toBeGreaterThanOrEqual(HOUR);
      expect(Math.abs(after.gateway - after.scanner)).toBeLessThan(30_000);
      expect((await inbox(token)).status).toBe(401);
      expect((await inbox(await login())).status).toBe(200);
    });

    it('moves one of them: a skew', async () => {
      const { gateway, scanner } = await ok('POST', '/clock', { advanceMs: -HOUR, service: 'scanner' });
      expect(gateway - scanner).toBeGreaterThan(HOUR - 1000);
      const dated = await inbox(await login());
      expect(Math.abs(Date.parse(dated.headers.get('date') ?? '') - gateway)).toBeLessThan(60_000);
      expect(Math.abs(Date.parse((await version()).headers.get('date') ?? '') - scanner)).toBeLessThan(
        60_000,
      );
    });

    it.each([[{}], [{ advanceMs: 'much' }], [{ advanceMs: 1, service: 'x' }]])('refuses %j', async (body) => {
      expect((await control('POST', '/clock', body))[0]).toBe(400);
    });
  });

  it('scripts what becomes of submits, and sends what is due when the clock is moved', async () => {
    const token = await login();
    const rule = await ok('POST', '/outcomes', { to: 'ACME', times: 1, outcome: { box: 'failed' } });
    await submit(token, 'ACME', 'one');
    await submit(token, 'ACME', 'two');
    await ok('POST', '/clock', { advanceMs: 1_000 });
    const { deliveries, count } = await ok('GET', '/observer/deliveries?partner=ACME');
    expect([count, deliveries[0].attachments[0].sha256]).toEqual([1, sha256('two')]);
    expect((await ok('GET', '/outcomes')).rules).toEqual([{ ...rule, hits: 1 }]);
    await ok('DELETE', `/outcomes/${rule.id}`);
    expect((await ok('GET', '/outcomes')).rules).toEqual([]);
    for (const [body, words] of [
      [{}, '`outcome.box` is missing'],
      [{ outcome: { box: 'lost' } }, '`outcome.box` must be one of sent, failed'],
      [{ outcom: { box: 'sent' } }, '`outcom` is unknown here'],
      [{ outcome: { box: 'sent', failedTries: -1 } }, '`outcome.failedTries` must be a whole number'],
    ] as const)
      expect(await control('POST', '/outcomes', body)).toEqual([
        400,
        { error: expect.stringContaining(words) },
      ]);
  });

  it('sends webhooks to a URL, by script', async () => {
    const seen: Json[] = [];
    const receiver = createServer((request, response) => {
      request.on('data', (part: Buffer) => seen.push(JSON.parse(part.toString())));
      request.on('end', () => response.end());
    });
    receiver.listen(0, '127.0.0.1');
    await once(receiver, 'listening');
    const url = `http://127.0.0.1:${String((receiver.address() as AddressInfo).port)}/`;
    expect(await ok('POST', '/webhooks', { url, names: 'both' })).toEqual({
      targets: [{ url, names: 'both' }],
    });
    await ok('POST', '/webhooks/script', { messageId: '<1@acme>', copies: 0 });
    await partnerSends('ACME', '<1@acme>', 'one');
    await partnerSends('ACME', '<2@acme>', 'two');
    await ok('POST', '/clock', { advanceMs: 1 });
    expect(seen.map(({ messageAS2ID }) => messageAS2ID)).toEqual(['<2@acme>']);
    const { webhooks } = await ok('GET', '/observer/webhooks');
    expect(webhooks.map(({ messageId, lost, status }: Json) => [messageId, lost ?? status])).toEqual([
      ['<1@acme>', 'by script'],
      ['<2@acme>', 200],
    ]);
    expect(await control('POST', '/webhooks', { url: 'http://example.com' })).toEqual([
      400,
      { error: expect.stringContaining('on loopback') },
    ]);
    expect(await ok('DELETE', '/webhooks')).toEqual({ targets: [] });
    receiver.closeAllConnections();
    receiver.close();
  });

  it('has a partner send again', async () => {
    const first = await partnerSends('ACME', '<1@acme>', 'one');
    const again = await ok('POST', '/partners/ACME/resend', { messageId: '<1@acme>', newId: '<2@acme>' });
    expect(again).toMatchObject({
      messageId: '<2@acme>',
      resendOf: '<1@acme>',
      attachments: first.attachments,
    });
    expect((await control('POST', '/partners/ACME/resend', { messageId: '<9@acme>' }))[0]).toBe(404);
    expect((await control('POST', '/partners/ACME/resend', {}))[0]).toBe(400);
  });

  it('sets and scripts the scanner', async () => {
    const changed = await ok('POST', '/scanner/settings', { sso: 'enforced' });
    expect(changed.sso).toBe('enforced');
    expect((await control('POST', '/scanner/settings', { colour: 'red' }))[0]).toBe(400);
    expect((await control('POST', '/scanner/settings', { capacity: { queue: -1 } }))[0]).toBe(400);
    await ok('POST', '/scanner/scripts', { match: '*.exe', script: { verdict: 'blocked' } });
    expect((await control('POST', '/scanner/scripts', { match: 1, script: {} }))[0]).toBe(400);
    await ok('DELETE', '/scanner/scripts');
    expect(await ok('GET', '/scanner/files')).toEqual({ count: 0, files: [] });
    expect((await control('POST', '/scanner/files/nope/approve'))[0]).toBe(404);
  });

  describe('/observer', () => {
    it('finds by hash, name, id, partner, station and time', async () => {
      const one = await partnerSends('ACME', '<1@acme>', 'one');
      await ok('POST', '/clock', { advanceMs: HOUR });
      await partnerSends('GLOBEX', '<2@globex>', 'two');
      const found = async (query: string): Promise<string[]> =>
        (await ok('GET', `/observer/sent?${query}`)).sent.map(({ messageId }: Json) => messageId);
      expect(await found('')).toEqual(['<1@acme>', '<2@globex>']);
      for (const query of [
        `sha256=${sha256('one')}`,
        'name=one.txt',
        `messageId=${encodeURIComponent('<1@acme>')}`,
        'partner=ACME',
        'station=HUB&partner=ACME',
        `until=${String(Number(one.at) + 1)}`,
      ])
        expect([query, await found(query)]).toEqual([query, ['<1@acme>']]);
      expect(await found(`since=${String(Number(one.at) + 1)}`)).toEqual(['<2@globex>']);
      expect(await found('station=NONE')).toEqual([]);
      expect(await control('GET', '/observer/sent?colour=red')).toEqual([
        400,
        { error: expect.stringContaining('There is no filter colour') },
      ]);
      expect((await control('GET', '/observer/sent?since=yesterday'))[0]).toBe(400);
    });

    it('knows which faults struck, and all calls', async () => {
      await ok('POST', '/faults', { on: 'GET /message/inbox', fault: { kind: 'reject-token' }, times: 1 });
      const token = await login();
      expect([(await inbox(token)).status, (await inbox(token)).status]).toEqual([401, 200]);
      expect(await ok('GET', '/observer/faults')).toEqual({
        count: 1,
        faults: [
          {
            service: 'gateway',
            id: 'fault-1',
            kind: 'reject-token',
            operation: 'GET /message/inbox',
            at: expect.any(Number),
          },
        ],
      });
      const all = await ok('GET', '/observer');
      expect(Object.keys(all).sort()).toEqual(['calls', 'faults', 'received', 'scanned', 'sent', 'webhooks']);
      expect(all.calls['GET /message/inbox']).toBe(2);
      expect((await ok('GET', '/observer/calls')).gateway['GET /message/inbox']).toBe(2);
    });
  });
});
