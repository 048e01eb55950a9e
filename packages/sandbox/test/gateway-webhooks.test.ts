import { once } from 'node:events';
import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { WebhookRule } from '../src/index';
import { attachment, gatewayFixture, segment } from './gateway-fixture';
import type { GatewayFixture, Json } from './gateway-fixture';

const NOW = Date.UTC(2026, 0, 5, 8);

describe('webhooks (reference, section 9)', () => {
  let fixture: GatewayFixture;
  let receiver: Server;
  let url: string;
  let got: { path: string; method: string; type: string; body: Json }[];
  let status: number;

  beforeEach(async () => {
    [got, status] = [[], 200];
    receiver = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        const { url: path = '', method = '', headers } = request;
        const body = JSON.parse(Buffer.concat(parts).toString());
        got.push({ path, method, type: String(headers['content-type']), body });
        response.writeHead(status, status === 302 ? { Location: `${url}/elsewhere` } : {}).end();
      });
    });
    receiver.listen(0, '127.0.0.1');
    await once(receiver, 'listening');
    url = `http://127.0.0.1:${String((receiver.address() as AddressInfo).port)}`;
    fixture = await gatewayFixture({ webhooks: [{ url: `${url}/hook` }] });
  });
  afterEach(async () => {
    await fixture.gateway.close();
    receiver.closeAllConnections();
    receiver.close();
  });

  const hooks = () => fixture.gateway.webhooks;
  const receive = (messageId: string) =>
    fixture.gateway.partner('ACME').send({ messageId, subject: 'PO', attachments: [attachment('po.edi')] });
  async function submit(): Promise<string> {
    const answer = await fixture.json('POST', '/message/submit', {
      headers: { 'AS2-From': 'HUB', 'AS2-To': 'ACME', 'Attachment-Name': 'a.edi', Subject: 'Order' },
      body: 'ISA',
    });
    return answer.messageIdentifier;
  }
  const ids = (): string[] => got.map(({ body }) => body.messageIdentifier);

  it('tells of what was received: S3 keys, no content and no URL, no signature', async () => {
    await receive('<r@acme>');
    await hooks().flush();
    expect(got).toEqual([
      { path: '/hook', method: 'POST', type: 'application/json', body: expect.anything() },
    ]);
    const { attachmentPaths } = await fixture.json('GET', `/message/inbox/${segment('<r@acme>')}`);
    expect(got[0]?.body).toEqual({
      to: expect.any(String),
      messageIdentifier: '<r@acme>',
      messageSubject: 'PO',
      partnerIdentifier: 'ACME',
      partnerName: 'ACME',
      stationIdentifier: 'HUB',
      stationName: 'HUB',
      attachments: attachmentPaths,
      bucketName: expect.any(String),
      tenantName: expect.any(String),
      tenantId: expect.any(Number),
      tenantEmail: expect.any(String),
      eventType: 'MESSAGE.RECEIVED.SUCCESS',
      receivedAt: NOW,
    });
  });

  it('tells of what was sent and of each try that failed', async () => {
    fixture.gateway.outcomes.add({
      outcome: {
        box: 'sent',
        failedTries: 1,
        retryMs: 60_000,
        failureReason: 'Received HTTP status code of 422',
      },
    });
    const id = await submit();
    await hooks().flush();
    expect(got).toEqual([]);
    fixture.pass(61_000);
    await hooks().flush();
    expect(ids()).toEqual([id, id]);
    expect(got[0]?.body).toMatchObject({
      eventType: 'MESSAGE.SEND.FAILED',
      failureReason: 'Received HTTP status code of 422',
      failures: 1,
      lastAttemptTime: NOW + 250,
      subject: 'Order',
      messageSubject: 'Order',
    });
    expect(got[1]?.body).toMatchObject({ eventType: 'MESSAGE.SEND.SUCCESS', sentAt: NOW + 60_250 });
    expect(got[1]?.body).not.toHaveProperty('failureReason');
  });

  it.each([
    ['v1', ['messageAS2ID', 'partnerAS2ID', 'stationAS2ID']],
    ['v2', ['messageIdentifier', 'partnerIdentifier', 'stationIdentifier']],
    [
      'both',
      [
        'messageAS2ID',
        'messageIdentifier',
        'partnerAS2ID',
        'partnerIdentifier',
        'stationAS2ID',
        'stationIdentifier',
      ],
    ],
  ] as const)('speaks %s', async (names, keys) => {
    hooks().setTarget({ url, names });
    await receive('<n@acme>');
    await hooks().flush();
    const found = Object.keys(got[0]?.body).filter((key) => /AS2ID$|Identifier$/.test(key));
    expect(found.sort()).toEqual(keys);
  });

  it('goes to the target of the station, else to that of all', async () => {
    hooks().setTarget({ url: `${url}/hub`, station: 'HUB' });
    await receive('<1@acme>');
    await hooks().flush();
    hooks().removeTarget('HUB');
    await receive('<2@acme>');
    await hooks().flush();
    hooks().removeTarget();
    await receive('<3@acme>');
    await hooks().flush();
    expect(got.map(({ path, body }) => [path, body.messageIdentifier])).toEqual([
      ['/hub', '<1@acme>'],
      ['/hook', '<2@acme>'],
    ]);
  });

  it.each<[string, WebhookRule, string[]]>([
    ['once', {}, ['<1@acme>', '<2@acme>']],
    ['twice', { copies: 2 }, ['<1@acme>', '<1@acme>', '<2@acme>']],
    ['never', { copies: 0 }, ['<2@acme>']],
    ['late', { delayMs: 60_000 }, ['<2@acme>', '<1@acme>']],
    ['again after a while', { copies: 2, gapMs: 60_000 }, ['<1@acme>', '<2@acme>', '<1@acme>']],
    ['after the next one', { behindNext: true }, ['<2@acme>', '<1@acme>']],
  ])('comes %s, by script', async (_how, rule, order) => {
    hooks().script.add({ messageId: '<1@acme>', ...rule });
    await receive('<1@acme>');
    await hooks().flush();
    await receive('<2@acme>');
    await hooks().flush();
    fixture.pass(60_000);
    await hooks().flush();
    // Copies of one moment race each other, as they would there.
    expect(ids()).toEqual(order);
  });

  it('follows a rule as often as it says, for the events that it names', async () => {
    const rule = hooks().script.add({
      eventType: 'MESSAGE.RECEIVED.SUCCESS',
      partner: 'ACME',
      station: 'HUB',
      copies: 0,
      times: 1,
    });
    await receive('<1@acme>');
    await receive('<2@acme>');
    await hooks().flush();
    expect(ids()).toEqual(['<2@acme>']);
    expect(rule.hits).toBe(1);
    expect(hooks().sent.map(({ messageId, lost }) => [messageId, lost])).toEqual([
      ['<1@acme>', 'by script'],
      ['<2@acme>', undefined],
    ]);
  });

  it.each([500, 404, 302])('is not sent again, and follows nothing, after %d', async (answered) => {
    status = answered;
    await receive('<x@acme>');
    await hooks().flush();
    fixture.pass(24 * 3600_000);
    await hooks().flush();
    expect(got).toHaveLength(1);
    expect(hooks().sent).toEqual([
      expect.objectContaining({ status: answered, lost: 'the receiver did not answer 2xx', at: NOW }),
    ]);
  });

  it('is lost where nobody listens or the gateway is unplugged', async () => {
    receiver.closeAllConnections();
    receiver.close();
    await receive('<x@acme>');
    await hooks().flush();
    await fixture.gateway.unplug();
    await receive('<y@acme>');
    await hooks().flush();
    expect(hooks().sent.map(({ lost }) => lost)).toEqual(['ECONNREFUSED', 'the gateway is unplugged']);
  });

  it('comes by itself as well, without a flush', async () => {
    const arrived = once(receiver, 'request');
    await receive('<x@acme>');
    await arrived;
  });

  it.each(['http://example.com/hook', 'ftp://127.0.0.1/', 'nonsense', 'http://127.0.0.1.example.com/'])(
    'does not go to %s',
    (target) => {
      expect(() => hooks().setTarget({ url: target })).toThrow(
        'A webhook goes to an http(s) URL on loopback',
      );
    },
  );
});
