import type { As2GatewaySandboxOptions, GatewayUndocumented } from '../src/index';
import { attachment, gatewayFixture, login, segment } from './gateway-fixture';
import type { GatewayFixture, Json } from './gateway-fixture';

// Reference, section 13: the questions that no page answers. A client has to bear both answers, so both can be had.
describe('what no page of the vendor says', () => {
  let fixture: GatewayFixture | undefined;
  afterEach(async () => {
    await fixture?.gateway.close();
    fixture = undefined;
  });

  async function start(
    undocumented: Partial<GatewayUndocumented>,
    options: As2GatewaySandboxOptions = {},
  ): Promise<GatewayFixture> {
    fixture = await gatewayFixture({ sendDelayMs: 1_000, outboxHiddenMs: 0, undocumented, ...options });
    return fixture;
  }
  async function submit({ call }: GatewayFixture, init: RequestInit = {}): Promise<Response> {
    return call('POST', '/message/submit', {
      headers: { 'AS2-From': 'HUB', 'AS2-To': 'ACME', 'Attachment-Name': 'a.edi' },
      body: 'ISA',
      ...init,
    });
  }
  const path = (id: string): string => `/message/inbox/${segment(id)}`;
  const refresh = (gateway: GatewayFixture['gateway'], body: object): Promise<Response> =>
    fetch(`${gateway.url}/refresh-session`, { method: 'POST', body: JSON.stringify(body) });

  it('1: the names of the token pair', async () => {
    const { gateway } = await gatewayFixture({ undocumented: { tokenPairFields: ['tokenId', 'secret'] } });
    const { tokenId, tokenSecret } = gateway.credentials;
    expect((await login(gateway, { tokenID: tokenId, tokenSecret })).status).toBe(401);
    expect((await login(gateway, { tokenId, secret: tokenSecret })).status).toBe(200);
    await gateway.close();
  });

  it.each([
    ['seconds', 3600],
    ['ms', 3_600_000],
    ['epoch-ms', Date.UTC(2026, 0, 5, 9)],
    ['none', undefined],
  ] as const)('2: the expiry of a token in %s', async (tokenExpiry, expected) => {
    const { gateway } = await start({ tokenExpiry });
    expect(((await (await login(gateway)).json()) as Json).apiTokenExpiryIn).toBe(expected);
  });

  it('3: Bearer before the token', async () => {
    const { gateway, token } = await start({ bearer: 'accepted' });
    for (const Authorization of [token, `Bearer ${token}`])
      expect((await fetch(`${gateway.url}/message/inbox`, { headers: { Authorization } })).status).toBe(200);
  });

  it('4: an expired token is a 403', async () => {
    const { call, pass } = await start({ refusedTokenStatus: 403 });
    pass(3_600_000);
    const answer = await call('GET', '/message/inbox');
    expect([answer.status, await answer.json()]).toEqual([403, { message: 'Forbidden' }]);
  });

  it('5: refresh of a pair, again and again, for a while', async () => {
    const { gateway, pass } = await start({
      pairRefresh: 'accepted',
      refreshTokens: 'again',
      refreshLifetimeMs: 7_200_000,
    });
    const username = gateway.credentials.tokenId;
    const { refreshToken } = (await (await login(gateway)).json()) as Json;
    for (let time = 1; time <= 2; time += 1)
      expect((await refresh(gateway, { username, refreshToken })).status).toBe(200);
    pass(7_200_000);
    expect((await refresh(gateway, { username, refreshToken })).status).toBe(500);
  });

  it('7: `service` needed everywhere but for the login', async () => {
    const { call } = await start({ service: 'required' });
    for (const [method, address] of [
      ['GET', '/message/inbox'],
      ['GET', '/partner'],
      ['POST', '/message/submit'],
    ] as const) {
      const without = await call(method, address);
      expect([without.status, await without.json()]).toEqual([
        400,
        { message: 'Missing required query parameter: service' },
      ]);
    }
    expect((await call('GET', '/message/inbox?service=as2')).status).toBe(200);
  });

  it.each<[GatewayUndocumented['link'], (base: string, id: string) => string | null]>([
    ['bare', (base, id) => base + id],
    ['encoded', (base, id) => base + segment(id)],
    ['rfc8288', (base, id) => `<${base}${segment(id)}>; rel="self"`],
    ['none', () => null],
  ])('9: the Link of a submit, %s', async (link, expected) => {
    const started = await start({ link });
    const answer = await submit(started);
    const { messageIdentifier } = (await answer.json()) as Json;
    const base = `${started.gateway.url}/message/outbox/`;
    expect(answer.headers.get('link')).toBe(expected(base, messageIdentifier));
  });

  it('10: lists of objects, and without a name', async () => {
    const { gateway, json } = await start({ listItems: 'objects', lists: 'bare' });
    await gateway.partner('ACME').send({ messageId: '<1@acme>', attachments: [] });
    expect(await json('GET', '/message/inbox')).toEqual([{ identifier: '<1@acme>' }]);
    expect(await json('GET', '/station')).toEqual([expect.objectContaining({ identifier: 'HUB' })]);
    expect(await json('GET', '/partner')).toHaveLength(3);
  });

  it('11: pageOffset counts rows', async () => {
    const { gateway, list } = await start({ pageOffset: 'rows' });
    for (const id of ['<1@a>', '<2@a>', '<3@a>'])
      await gateway.partner('ACME').send({ messageId: id, attachments: [] });
    expect(await list('/message/inbox?sortDir=asc&pageLength=2&pageOffset=1')).toEqual(['<2@a>', '<3@a>']);
  });

  it('12: parameters that nobody knows are ignored', async () => {
    const { gateway, list } = await start({});
    await gateway.partner('ACME').send({ messageId: '<1@a>', attachments: [attachment()] });
    expect(await list('/message/inbox?nextPageToken=x&from=2020-01-01&attachmentName=no')).toEqual(['<1@a>']);
  });

  it('13: subject has to be equal', async () => {
    const { gateway, list } = await start({ subjectMatch: 'exact' });
    await gateway.partner('ACME').send({ messageId: '<1@a>', subject: 'Order 7', attachments: [] });
    expect(await list('/message/inbox?subject=Order')).toEqual([]);
    expect(await list('/message/inbox?subject=Order%207')).toEqual(['<1@a>']);
  });

  it('14: a plain GET leaves unread', async () => {
    const { gateway, list, call } = await start({ markAsReadDefault: false });
    await gateway.partner('ACME').send({ messageId: '<1@a>', attachments: [] });
    await call('GET', path('<1@a>'));
    expect(await list('/message/inbox')).toEqual(['<1@a>']);
    await call('GET', `${path('<1@a>')}?markAsRead=true`);
    expect(await list('/message/inbox')).toEqual([]);
  });

  it('15: GET attachments marks as read', async () => {
    const { gateway, list, call } = await start({ attachmentsMarkRead: true });
    await gateway.partner('ACME').send({ messageId: '<1@a>', attachments: [attachment()] });
    await call('GET', `${path('<1@a>')}/attachments`);
    expect(await list('/message/inbox')).toEqual([]);
  });

  it('16: the outbox knows only what was sent', async () => {
    const started = await start({ outboxKnows: 'sent' });
    started.gateway.outcomes.add({ subject: 'bad', outcome: { box: 'failed' } });
    const ids: string[] = [];
    for (const Subject of ['good', 'bad']) {
      const headers = { 'AS2-From': 'HUB', 'AS2-To': 'ACME', Subject };
      ids.push(((await (await submit(started, { headers })).json()) as Json).messageIdentifier);
    }
    const statuses = async (): Promise<number[]> => {
      const answers = ids.map((id) => started.call('GET', `/message/outbox/${segment(id)}`));
      return (await Promise.all(answers)).map(({ status }) => status);
    };
    expect(await statuses()).toEqual([404, 404]);
    started.pass(1_000);
    expect(await statuses()).toEqual([200, 404]);
    expect(await started.list('/message/outbox/failed')).toEqual([ids[1]]);
  });

  it('17: fields that are missing', async () => {
    const { gateway, json } = await start({ missingFields: ['mdnMessage', 'timestamp'] });
    await gateway.partner('ACME').send({ messageId: '<1@a>', attachments: [] });
    const message = await json('GET', path('<1@a>'));
    expect(message).toHaveProperty('msgStatus');
    expect(message).not.toHaveProperty('mdnMessage');
    expect(message).not.toHaveProperty('timestamp');
  });

  it('18: another name of the parts', async () => {
    const started = await start({ partName: 'file' });
    const form = (name: string): RequestInit => {
      const body = new FormData();
      body.append(name, new Blob(['ISA']), 'a.edi');
      return { headers: { 'AS2-From': 'HUB', 'AS2-To': 'ACME' }, body };
    };
    expect((await submit(started, form('File'))).status).toBe(400);
    expect((await submit(started, form('file'))).status).toBe(202);
  });

  it.each([
    ['Message', 'Message not found'],
    ['error', 'Message not found'],
    ['errors', ['Message not found']],
  ] as const)('22: errors under `%s`', async (errorKey, expected) => {
    const { json } = await start({ errorKey });
    expect(await json('GET', path('<none@a>'))).toEqual({ [errorKey]: expected });
  });

  it('27: attachments beyond their lifetime are denied by S3', async () => {
    const { gateway, json, pass } = await start({}, { oldAttachments: 'denied', contentLifetimeMs: 60_000 });
    await gateway.partner('ACME').send({ messageId: '<1@a>', attachments: [attachment()] });
    pass(60_000);
    const { attachments } = await json('GET', `${path('<1@a>')}/attachments`);
    const gone = await fetch(attachments[0].url);
    expect([gone.status, await gone.text()]).toEqual([
      403,
      expect.stringContaining('<Code>AccessDenied</Code>'),
    ]);
  });
});
