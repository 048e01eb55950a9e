import nock from 'nock';
import {
  isConflictError,
  isInvalidRequestError,
  isMftBridgeError,
  isRedirectRefusedError,
  MetaDefenderClient,
} from '../src/index';

const server = 'https://mft.example.com:8010';
const md = new MetaDefenderClient({ baseUrl: server, auth: { apiKey: 'k'.repeat(30) } });
const api = () => nock(`${server}/vault_rest`);
const failureOf = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: unknown) => error as Error & { hint?: string },
  );
beforeAll(() => nock.disableNetConnect());
afterEach(() => nock.cleanAll());
afterAll(async () => {
  await md.close();
  nock.enableNetConnect();
  nock.restore();
});

const person = { firstName: 'A', lastName: 'B', userName: 'ab', password: 'secret', role: 'user' };

test('an account is created, and its role comes back in another casing', async () => {
  api()
    .post('/account', {
      first_name: 'A',
      last_name: 'B',
      user_name: 'ab',
      password: 'secret',
      role: 'user',
      expires_after: '01:00:00:00',
    })
    .reply(200, {
      user_id: 7,
      user_name: 'ab',
      role: 'User',
      status: 'Enabled',
      expires: '2026-01-02T00:00:00Z',
    });
  expect(await md.experimental.accounts.create({ ...person, expiresAfterMs: 86_400_000 })).toMatchObject({
    userId: '7',
    role: 'User',
    expiresAt: Date.UTC(2026, 0, 2),
  });
});

test('an unknown role is answered with 300, and the error says so; a taken address with 409', async () => {
  api().post('/account').reply(300, { message: 'Invalid user type' });
  const role = await failureOf(md.experimental.accounts.create({ ...person, role: 'King' }));
  expect(isRedirectRefusedError(role)).toBe(true);
  expect(role?.hint).toContain('role');
  expect(JSON.stringify(role) + String(role)).not.toContain('secret');
  api().post('/account').reply(409, {});
  expect(isConflictError(await failureOf(md.experimental.accounts.create(person)))).toBe(true);
});

test('a guest is created; there is no answer to read', async () => {
  api()
    .post('/guest', { pin_code: '123-123-123', display_name: 'Guest 1', expires: '2026-01-01T00:00:00.000Z' })
    .reply(200);
  const input = { pinCode: '123-123-123', displayName: 'Guest 1', expires: Date.UTC(2026, 0, 1) };
  await expect(md.experimental.guests.create(input)).resolves.toBeUndefined();
});

test.each([
  { pinCode: '12345', displayName: 'Guest', expiresAfterMs: 1000 },
  { pinCode: '123 456', displayName: 'Guest', expiresAfterMs: 1000 },
  { pinCode: '123-456', displayName: 'G', expiresAfterMs: 1000 },
  { pinCode: '123-456', displayName: 'Guest--1', expiresAfterMs: 1000 },
  { pinCode: '123-456', displayName: 'Gast ü', expiresAfterMs: 1000 },
  { pinCode: '123-456', displayName: 'Guest' },
  { pinCode: '123-456', displayName: 'Guest', expiresAfterMs: 1000, expires: 1 },
])('the guest %j is refused here', async (input) => {
  const error = await failureOf(
    md.experimental.guests.create(input as { pinCode: string; displayName: string; expiresAfterMs: number }),
  );
  expect(isInvalidRequestError(error)).toBe(true);
  expect(isMftBridgeError(error) && error.outcome).toBe('not-sent');
});

test('the licence is read and activated', async () => {
  api().get('/admin/license').reply(200, { deployment: 'abc', days_left: 30, more: 1 });
  expect(await md.experimental.licence.get()).toMatchObject({
    deployment: 'abc',
    daysLeft: 30,
    raw: { more: 1 },
  });
  api().post('/admin/license/activation', { activationKey: 'K', quantity: 1 }).reply(200, { success: true });
  expect((await md.experimental.licence.activate({ activationKey: 'K', quantity: 1 })).success).toBe(true);
  api().get('/admin/license').reply(403, { message: 'no' });
  expect(String(await failureOf(md.experimental.licence.get()))).toContain('administrator');
});
