import nock from 'nock';
import { As2GatewayClient, isInvalidRequestError, isUnauthorizedError } from '../src/index';
import { startPair } from './start-pair';
import type { Pair } from './start-pair';

const base = 'https://api.mftgateway.com';
const list = { service: 'as2', sortDir: 'asc', pageLength: 100, pageOffset: 0, fetchAll: false };
const retry = { baseMs: 1, capMs: 2 };

describe('logging in', () => {
  let pair: Pair | undefined;
  afterEach(async () => {
    await pair?.close();
    pair = undefined;
  });

  it('by either pair, and again when the hour is over', async () => {
    const { sandbox, connect, advance } = (pair = await startPair());
    const { username, password } = sandbox.credentials;
    const byPassword = connect({ auth: { username, password } });
    const byToken = connect();
    for (const gateway of [byPassword, byToken]) {
      await Promise.all([gateway.inbox.list(), gateway.inbox.list(), gateway.outbox.list()]);
    }
    expect(sandbox.calls['POST /authorize']).toBe(2);
    advance(61 * 60_000);
    await Promise.all([byPassword.inbox.list(), byPassword.inbox.list()]);
    expect(sandbox.calls).toMatchObject({ 'POST /authorize': 2, 'POST /refresh-session': 1 });
    await byToken.inbox.list();
    expect(sandbox.calls).toMatchObject({ 'POST /authorize': 3, 'POST /refresh-session': 1 });
  });

  it('asks a provider, and asks it again after a refusal', async () => {
    const { sandbox, connect } = (pair = await startPair());
    const { tokenId, tokenSecret } = sandbox.credentials;
    const answer = await fetch(`${sandbox.url}/authorize`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ tokenID: tokenId, tokenSecret }),
    });
    const { apiToken } = (await answer.json()) as { apiToken: string };
    const tokens = ['stale', apiToken];
    const gateway = connect({ auth: { provider: () => tokens.shift() ?? apiToken } });
    expect((await gateway.inbox.list()).ids).toEqual([]);
  });

  it('does not repeat a refused login, and says what may be wrong', async () => {
    const { sandbox, connect } = (pair = await startPair());
    const gateway = connect({ auth: { tokenId: 'wrong', tokenSecret: 'wrong' } });
    const error: unknown = await gateway.inbox.list().catch((reason: unknown) => reason);
    expect(isUnauthorizedError(error)).toBe(true);
    expect(error).toMatchObject({
      operation: 'auth.authorize',
      message: expect.stringMatching(/not confirmed by the vendor/),
    });
    await expect(gateway.inbox.list()).rejects.toBeDefined();
    expect(sandbox.calls['POST /authorize']).toBe(1);
  });

  it.each([
    [{}],
    [{ username: 'u' }],
    [{ tokenId: 'i', tokenSecret: '' }],
    [{ username: 'u', password: 'p', tokenId: 'i', tokenSecret: 's' }],
  ])('refuses %j when the client is made', (auth) => {
    expect.assertions(1);
    try {
      new As2GatewayClient({ auth: auth as { username: string; password: string } });
    } catch (error) {
      expect(isInvalidRequestError(error)).toBe(true);
    }
  });
});

describe('on the wire', () => {
  beforeAll(() => nock.disableNetConnect());
  afterEach(() => {
    expect(nock.pendingMocks()).toEqual([]);
    nock.cleanAll();
  });
  afterAll(() => nock.restore());

  it('the token is sent as it is, without a scheme word; the login carries neither token nor service', async () => {
    nock(base)
      .post('/authorize', { tokenID: 'i', tokenSecret: 's' })
      .matchHeader('authorization', (value) => (value as unknown) === undefined)
      .reply(200, { apiToken: 'eyJ.raw.token' });
    nock(base)
      .get('/message/inbox')
      .query(list)
      .matchHeader('authorization', 'eyJ.raw.token')
      .reply(200, { messages: [] });
    const gateway = new As2GatewayClient({ auth: { tokenId: 'i', tokenSecret: 's' } });
    expect((await gateway.inbox.list()).ids).toEqual([]);
    await gateway.close();
  });

  it('the body of the login can be built by the caller', async () => {
    nock(base).post('/authorize', { token_id: 'i', secret: 's' }).reply(200, { api_token: 't' });
    nock(base).get('/message/inbox').query(list).matchHeader('authorization', 't').reply(200, []);
    const gateway = new As2GatewayClient({
      auth: {
        tokenId: 'i',
        tokenSecret: 's',
        body: ({ tokenId, tokenSecret }) => ({ token_id: tokenId, secret: tokenSecret }),
      },
    });
    expect((await gateway.inbox.list()).ids).toEqual([]);
    await gateway.close();
  });

  it('a failed refresh (a 500) is followed by one full login, not by more refreshes', async () => {
    let time = 0;
    nock(base).post('/authorize').reply(200, { api_token: 'first', refresh_token: 'r' });
    nock(base)
      .get('/message/inbox')
      .query(list)
      .matchHeader('authorization', 'first')
      .reply(200, { messages: [] });
    nock(base)
      .post('/refresh-session', { username: 'u', refreshToken: 'r' })
      .reply(500, { message: 'Error occurred while refreshing the user session' });
    nock(base).post('/authorize').reply(200, { apiToken: 'second' });
    nock(base)
      .get('/message/inbox')
      .query(list)
      .matchHeader('authorization', 'second')
      .reply(200, { messages: [] });
    const gateway = new As2GatewayClient({
      auth: { username: 'u', password: 'p' },
      now: () => time,
      limit: false,
      retry,
    });
    await gateway.inbox.list();
    time += 51 * 60_000;
    await gateway.inbox.list();
    await gateway.close();
  });

  it('a 403 on a fresh token is a missing right and no reason to log in again', async () => {
    nock(base).post('/authorize').reply(200, { apiToken: 't' });
    nock(base).get('/message/inbox').query(list).reply(403, { Message: 'User is not authorized' });
    const gateway = new As2GatewayClient({ auth: { tokenId: 'i', tokenSecret: 's' }, limit: false, retry });
    await expect(gateway.inbox.list()).rejects.toMatchObject({ name: 'ForbiddenError' });
    await gateway.close();
  });

  it('markAsRead is never left to the default of the service', async () => {
    const message = { identifier: '<1@x>', senderIdentifier: 'ACME', receiverIdentifier: 'HUB' };
    nock(base).post('/authorize').reply(200, { apiToken: 't' });
    const path = '/message/inbox/%3C1%40x%3E';
    nock(base).get(path).query({ service: 'as2', markAsRead: false }).reply(200, message);
    nock(base).get(path).query({ service: 'as2', markAsRead: true }).reply(200, message);
    const gateway = new As2GatewayClient({ auth: { tokenId: 'i', tokenSecret: 's' }, limit: false });
    await gateway.inbox.get('<1@x>');
    await gateway.inbox.markRead('<1@x>');
    await gateway.close();
  });

  it('an answer about another message is not taken for the one asked for', async () => {
    nock(base).post('/authorize').reply(200, { apiToken: 't' });
    nock(base)
      .get('/message/inbox/%3C1%40x%3E')
      .query(true)
      .reply(200, { identifier: '<2@x>', senderIdentifier: 'ACME', receiverIdentifier: 'HUB' });
    const gateway = new As2GatewayClient({ auth: { tokenId: 'i', tokenSecret: 's' }, limit: false });
    await expect(gateway.inbox.get('<1@x>')).rejects.toMatchObject({ name: 'ResponseShapeError' });
    await gateway.close();
  });

  it.each(['messageIdentifier', 'as2messageId', 'as2MessageId', 'identifier', undefined])(
    'the id of a submit is read from %p, or else from Link',
    async (key) => {
      nock(base).post('/authorize').reply(200, { apiToken: 't' });
      nock(base)
        .post('/message/submit', 'ISA*')
        .query({ service: 'as2' })
        .matchHeader('as2-from', 'HUB')
        .matchHeader('as2-to', 'ACME')
        .matchHeader('attachment-name', 'a.edi')
        .matchHeader('content-type', 'application/edi-x12')
        .reply(
          202,
          { message: 'Message queued successfully', ...(key === undefined ? {} : { [key]: '<9@x>' }) },
          { link: `${base}/message/outbox/<9@x>` },
        );
      const gateway = new As2GatewayClient({ auth: { tokenId: 'i', tokenSecret: 's' }, limit: false });
      const sent = await gateway.messages.send({
        from: 'HUB',
        to: 'ACME',
        attachments: [{ name: 'a.edi', contentType: 'application/edi-x12', content: Buffer.from('ISA*') }],
      });
      expect(sent).toEqual({ id: '<9@x>', attachmentNames: ['a.edi'] });
      await gateway.close();
    },
  );
});
