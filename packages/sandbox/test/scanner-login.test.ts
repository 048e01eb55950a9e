import { startMetaDefenderSandbox, type MetaDefenderSandbox } from '../src/scanner/metadefender-sandbox';
import type { SettingsChange } from '../src/scanner/settings';
import { call, login, type Answer } from './scanner-kit';

const MINUTE = 60_000;
let time = Date.UTC(2026, 0, 2);
let scanner: MetaDefenderSandbox;

async function start(settings: SettingsChange = {}): Promise<void> {
  scanner = await startMetaDefenderSandbox({
    users: [
      { username: 'bridge', password: 'b' },
      { username: 'careful', password: 'c', mfa: true },
      { username: 'ada', password: 'a', directory: true },
    ],
    guestPins: ['123-123-123'],
    clock: () => time,
    settings,
  });
}
afterEach(() => scanner.close());

const enter = (secret: string): Promise<Answer> =>
  call(scanner, 'GET /authenticate', login(secret), undefined, null);
const statusOf = async (secret: string): Promise<number> => (await enter(secret)).status;

describe('lockout', () => {
  // Reference 2.5: attempts, lock time and counter reset are settings of an administrator; both are 403 by 2.1.
  test('after n failed logins the right password is refused too, until the lock time is over', async () => {
    await start({ lockout: { attempts: 3, lockMs: 10 * MINUTE } });
    for (let n = 0; n < 3; n += 1) expect(await statusOf('bridge\r\nwrong')).toBe(403);
    expect(await enter('bridge\r\nb')).toMatchObject({
      status: 403,
      body: { message: expect.stringContaining('locked'), ui_message_key: null, status_code: 'Forbidden' },
    });
    time += 10 * MINUTE - 1;
    expect(await statusOf('bridge\r\nb')).toBe(403);
    time += 1;
    expect(await statusOf('bridge\r\nb')).toBe(200);
  });

  test('it counts failures in a row, for each user, and forgets old ones', async () => {
    await start({ lockout: { attempts: 2, lockMs: 10 * MINUTE, resetMs: MINUTE } });
    await enter('bridge\r\nwrong');
    expect(await statusOf('bridge\r\nb')).toBe(200);
    await enter('bridge\r\nwrong');
    time += MINUTE;
    await enter('bridge\r\nwrong');
    expect(await statusOf('bridge\r\nb')).toBe(200);
    await enter('ada\r\nwrong');
    await enter('ada\r\nwrong');
    expect([await statusOf('ada\r\na'), await statusOf('bridge\r\nb')]).toEqual([403, 200]);
  });

  // Reference 2.1: the wrong separator is a failed login, hence "never auto-retry with the other form".
  test('the other separator counts as a failure', async () => {
    await start({ lockout: { attempts: 1, lockMs: MINUTE }, loginSeparator: 'colon' });
    expect(await statusOf('bridge:b')).toBe(200);
    expect(await statusOf('bridge\r\nb')).toBe(403);
    // With CRLF no name can be read where a colon is wanted: nobody is locked by it.
    expect(await statusOf('bridge:b')).toBe(200);
    expect(await statusOf('bridge:\r\nb')).toBe(403);
    expect(await statusOf('bridge:b')).toBe(403);
  });

  test('API keys go on working while their owner is locked out', async () => {
    scanner = await startMetaDefenderSandbox({
      users: [{ username: 'bridge', password: 'b' }],
      apiKeys: [{ key: 'u'.repeat(30), username: 'bridge' }],
      settings: { lockout: { attempts: 1, lockMs: MINUTE } },
    });
    await enter('bridge\r\nwrong');
    expect(await statusOf('bridge\r\nb')).toBe(403);
    expect((await call(scanner, 'GET /version')).status).toBe(200);
  });
});

// Reference 2.5: `Result: ErrorMfaRequired`, on a 200 (2.1: "a 200 may carry Result != Success"); this shape only.
test.each(['vault', 'pascal'] as const)(
  'a second factor is asked for on a 200 without a key (%s)',
  async (replies) => {
    await start({ replies });
    expect(await enter('careful\r\nc')).toMatchObject({
      status: 200,
      body: { Result: 'ErrorMfaRequired', Token: null, Expires: null },
    });
    expect((await enter('careful\r\nwrong')).body).not.toHaveProperty('Result', 'ErrorMfaRequired');
  },
);

// Reference 2.5: "SSO enforced" makes password logins impossible, guests included; API keys are the way.
test('with single sign-on enforced nobody logs in by password or pin, and API keys work', async () => {
  await start({ sso: 'enforced' });
  for (const secret of ['bridge\r\nb', '123-123-123', 'careful\r\nc']) {
    expect(await enter(secret)).toMatchObject({ status: 403, body: { status_code: 'Forbidden' } });
  }
  expect((await call(scanner, 'GET /version')).status).toBe(200);
  scanner.change({ sso: 'off' });
  expect(await statusOf('bridge\r\nb')).toBe(200);
});

// Reference 2.1: 417, AD/LDAP server unreachable.
test('while the directory cannot be reached its users get 417, local ones come in', async () => {
  await start({ directory: 'unreachable', lockout: { attempts: 1, lockMs: MINUTE } });
  for (const password of ['a', 'wrong']) {
    expect(await enter(`ada\r\n${password}`)).toMatchObject({
      status: 417,
      body: { ui_message_key: null, status_code: 'ExpectationFailed' },
    });
  }
  expect(await statusOf('bridge\r\nb')).toBe(200);
  // A login that could not be checked is no failed login.
  scanner.change({ directory: 'reachable' });
  expect(await statusOf('ada\r\na')).toBe(200);
});

describe('the PascalCase generation', () => {
  // Reference 2.1: the ref page of 3.10.3: {Result, Token, Expires, ExpiresString, UiMessageKey, Message}.
  test('answers a login, and an extension, in its own shape', async () => {
    await start({ replies: 'pascal' });
    const { body } = await enter('bridge\r\nb');
    expect(body).toEqual({
      Result: 'Success',
      Token: expect.stringMatching(/^\w{30}$/),
      Expires: expect.stringMatching(/Z$/),
      ExpiresString: expect.any(String),
      UiMessageKey: null,
      Message: null,
    });
    const extended = await call(scanner, 'PUT /token', {}, undefined, body.Token);
    expect(extended.body).toMatchObject({ Result: 'Success', Token: expect.stringMatching(/^\w{30}$/) });
    expect(extended.body.Token).not.toBe(body.Token);
    expect((await call(scanner, 'GET /version', {}, undefined, extended.body.Token)).status).toBe(200);
  });

  test.each([
    ['bridge\r\nwrong', 'ErrorInvalidCredentials'],
    ['nobody\r\nx', 'ErrorInvalidCredentials'],
    ['ada\r\na', 'ErrorServiceUnavailable'],
  ])('refuses %j with 200 and %s', async (secret, result) => {
    await start({ replies: 'pascal', directory: 'unreachable' });
    expect(await enter(secret)).toMatchObject({ status: 200, body: { Result: result, Token: null } });
  });

  // Reference 8: "3.10.3 pages use the ordinary meaning" of 401 and 403.
  test('has the ordinary meanings: 400 for a parameter, 401 for a key', async () => {
    await start({ replies: 'pascal' });
    await expect(call(scanner, 'GET /authenticate', {}, undefined, null)).resolves.toMatchObject({
      status: 400,
    });
    await expect(call(scanner, 'PUT /token', {}, undefined, 'nonsense')).resolves.toMatchObject({
      status: 401,
    });
    await expect(call(scanner, 'PUT /token', { ExtendBy: '1h' })).resolves.toMatchObject({ status: 400 });
    await expect(call(scanner, 'GET /tokens/x/1')).resolves.toMatchObject({ status: 400 });
  });
});
