import { gatewayFixture, login } from './gateway-fixture';
import type { GatewayFixture, Json } from './gateway-fixture';

describe('authorize (reference, section 2)', () => {
  let fixture: GatewayFixture;
  beforeEach(async () => {
    fixture = await gatewayFixture();
  });
  afterEach(() => fixture.gateway.close());

  const refresh = (body: object) =>
    fetch(`${fixture.gateway.url}/refresh-session`, { method: 'POST', body: JSON.stringify(body) });

  it('takes user name and password, and an API token pair', async () => {
    const { username, password } = fixture.gateway.credentials;
    const byUser = await login(fixture.gateway, { username, password });
    const byPair = await login(fixture.gateway);
    for (const answer of [byUser, byPair]) {
      expect(answer.status).toBe(200);
      expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
      expect(await answer.json()).toEqual({
        apiToken: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
        refreshToken: expect.any(String),
        apiTokenExpiryIn: 3600,
      });
    }
  });

  it.each([{}, { username: 'x', password: 'y' }, { tokenID: 'x', tokenSecret: 'y' }])(
    'refuses wrong credentials: %j',
    async (body) => {
      const answer = await login(fixture.gateway, body);
      expect(answer.status).toBe(401);
      expect(await answer.json()).toEqual({ message: 'Authentication Failed: Bad credentials' });
    },
  );

  it('wants the raw token: a scheme word before it is refused', async () => {
    const get = (authorization?: string) =>
      fetch(`${fixture.gateway.url}/message/inbox`, {
        headers: authorization === undefined ? {} : { Authorization: authorization },
      });
    expect((await get(fixture.token)).status).toBe(200);
    const refused = await get(`Bearer ${fixture.token}`);
    expect(refused.status).toBe(401);
    expect(await refused.json()).toEqual({ message: 'Unauthorized' });
    expect((await get()).status).toBe(401);
    expect((await get('nonsense')).status).toBe(401);
  });

  it('forgets a token after one hour, and its JWT says so', async () => {
    const [, claims = ''] = fixture.token.split('.');
    const { exp, iat } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as {
      exp: number;
      iat: number;
    };
    expect(exp - iat).toBe(3600);
    fixture.pass(3600 * 1000 - 1);
    expect((await fixture.call('GET', '/message/inbox')).status).toBe(200);
    fixture.pass(1);
    expect((await fixture.call('GET', '/message/inbox')).status).toBe(401);
  });

  it('refreshes a session of a user, once per refresh token', async () => {
    const { username, password } = fixture.gateway.credentials;
    const { refreshToken } = (await (await login(fixture.gateway, { username, password })).json()) as Json;
    const first = await refresh({ username, refreshToken });
    expect(first.status).toBe(200);
    const { apiToken } = (await first.json()) as Json;
    expect(
      (await fixture.call('GET', '/message/inbox', { headers: { Authorization: apiToken } })).status,
    ).toBe(200);
    expect((await refresh({ username, refreshToken })).status).toBe(500);
  });

  it('answers a refresh that fails with 500, not 401', async () => {
    const ofPair = ((await (await login(fixture.gateway)).json()) as Json).refreshToken;
    for (const body of [{}, { username: 'x', refreshToken: 'y' }, { username: 'x', refreshToken: ofPair }]) {
      const answer = await refresh(body);
      expect(answer.status).toBe(500);
      expect(await answer.json()).toEqual({ message: 'Error occurred while refreshing the user session' });
    }
  });
});
