import { startMetaDefenderSandbox, type MetaDefenderSandbox } from '../src/scanner/metadefender-sandbox';
import { call, login } from './scanner-kit';

const HOUR = 3_600_000;
let time = Date.UTC(2026, 0, 2);
let scanner: MetaDefenderSandbox;

beforeAll(async () => {
  scanner = await startMetaDefenderSandbox({
    users: [
      { username: 'root', password: 'r', role: 'Administrator' },
      { username: 'bridge', password: 'pässword:with colon' },
    ],
    guestPins: ['123-123-123'],
    apiKeys: ['k'.repeat(30), { key: 'u'.repeat(30), username: 'bridge' }],
    clock: () => time,
  });
});
afterAll(() => scanner.close());

async function session(secret = 'bridge\r\npässword:with colon'): Promise<string> {
  const { body } = await call(scanner, 'GET /authenticate', login(secret), undefined, null);
  return body.token;
}
const works = async (key: string): Promise<number> =>
  (await call(scanner, 'GET /version', {}, undefined, key)).status;

describe('GET /authenticate', () => {
  test('user, CRLF and password in UTF-8 open a session', async () => {
    const answer = await call(
      scanner,
      'GET /authenticate',
      login('bridge\r\npässword:with colon'),
      undefined,
      null,
    );
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      token: expect.stringMatching(/^[\w]{30}$/),
      expires: '2026-01-02T01:00:00.0000000Z',
      user_id: 2,
    });
    await expect(works(answer.body.token)).resolves.toBe(200);
  });

  test('the form with a colon is refused', async () => {
    const answer = await call(
      scanner,
      'GET /authenticate',
      login('bridge:pässword:with colon'),
      undefined,
      null,
    );
    expect(answer.status).toBe(403);
    expect(answer.body).toEqual({
      message: expect.any(String),
      ui_message_key: null,
      status_code: 'Forbidden',
    });
  });

  test('a guest sends the pin as the whole value', async () => {
    await expect(session('123-123-123').then(works)).resolves.toBe(200);
  });

  test('a missing or malformed header is a 401, wrong credentials are a 403', async () => {
    for (const headers of [
      {},
      { Authorization: 'Basic' },
      { Authorization: 'Bearer x' },
      { Authorization: 'Basic ###' },
    ]) {
      await expect(call(scanner, 'GET /authenticate', headers, undefined, null)).resolves.toMatchObject({
        status: 401,
        body: { message: expect.stringContaining('Invalid parameter'), status_code: 'Unauthorized' },
      });
    }
    await expect(
      call(scanner, 'GET /authenticate', login('bridge\r\nwrong'), undefined, null),
    ).resolves.toMatchObject({ status: 403 });
  });

  test('it is a GET, nothing else', async () => {
    await expect(
      call(scanner, 'POST /authenticate', login('bridge\r\npässword:with colon'), undefined, null),
    ).resolves.toMatchObject({ status: 404, body: { status_code: 'NotFound' } });
  });
});

describe('a key of a session', () => {
  test('dies at its time, even if it is used', async () => {
    const key = await session();
    time += HOUR - 1;
    await expect(works(key)).resolves.toBe(200);
    time += 1;
    await expect(works(key)).resolves.toBe(401);
    await expect(call(scanner, 'GET /root_folder', {}, undefined, key)).resolves.toMatchObject({
      status: 403,
    });
  });

  test('PUT /token answers another key, and the old one is dead', async () => {
    const key = await session();
    const { body } = await call(scanner, 'PUT /token', { ExtendBy: '02:00:00' }, undefined, key);
    expect(body).toEqual({
      token: expect.stringMatching(/^\w{30}$/),
      expires: new Date(time + 2 * HOUR).toISOString().replace('Z', '0000Z'),
      user_id: 2,
    });
    expect(body.token).not.toBe(key);
    await expect(works(key)).resolves.toBe(401);
    time += HOUR + 1;
    await expect(works(body.token)).resolves.toBe(200);
  });

  test('without ExtendBy it lives as long as a new one; malformed values are a 401', async () => {
    const key = await session();
    for (const value of ['24:00:00', '1h', '00:00:00']) {
      await expect(call(scanner, 'PUT /token', { ExtendBy: value }, undefined, key)).resolves.toMatchObject({
        status: 401,
      });
    }
    time += 1000;
    const { body } = await call(scanner, 'PUT /token', {}, undefined, key);
    expect(Date.parse(body.expires)).toBe(time + HOUR);
  });

  test('Token names another key to extend: own ones only, unless by an administrator', async () => {
    const [mine, other] = [await session(), await session()];
    const { body } = await call(scanner, 'PUT /token', { Token: other }, undefined, mine);
    await expect(works(mine)).resolves.toBe(200);
    await expect(works(other)).resolves.toBe(401);
    await expect(works(body.token)).resolves.toBe(200);
    await expect(
      call(scanner, 'PUT /token', { Token: scanner.apiKey }, undefined, mine),
    ).resolves.toMatchObject({ status: 403 });
  });

  test('DELETE /authenticate ends the key that it was sent with', async () => {
    const key = await session();
    await expect(call(scanner, 'DELETE /authenticate', {}, undefined, key)).resolves.toMatchObject({
      status: 200,
      body: { token: key },
    });
    await expect(works(key)).resolves.toBe(401);
    await expect(call(scanner, 'DELETE /authenticate', {}, undefined, key)).resolves.toMatchObject({
      status: 403,
    });
  });
});

describe('API keys', () => {
  const expires = '2030-01-01T00:00:00Z';

  test('are made by administrators, and work like any key', async () => {
    const body = JSON.stringify({ expires, description: 'bridge' });
    const made = await call(scanner, 'POST /token', {}, body);
    expect(made).toMatchObject({
      status: 200,
      body: { expires: '2030-01-01T00:00:00.0000000Z', user_id: 1 },
    });
    await expect(works(made.body.token)).resolves.toBe(200);
    await expect(call(scanner, 'POST /token', {}, body, await session())).resolves.toMatchObject({
      status: 403,
    });
    for (const bad of [
      '{}',
      JSON.stringify({ expires: 'soon' }),
      JSON.stringify({ expires: '2001-01-01' }),
    ]) {
      await expect(call(scanner, 'POST /token', {}, bad)).resolves.toMatchObject({ status: 401 });
    }
    await expect(call(scanner, 'POST /token', {}, 'no json')).resolves.toMatchObject({ status: 400 });
  });

  test('GET /tokens lists them in clear: own ones, all of them for administrators', async () => {
    const { body } = await call(scanner, 'GET /tokens/0/1', { sort_column: 'Token', sort_direction: 'desc' });
    expect(body.filter_count).toBeGreaterThanOrEqual(2);
    expect(body.items).toEqual([
      {
        token_id: 2,
        token: 'u'.repeat(30),
        description: expect.any(String),
        status: 'valid',
        created: '2026-01-02T00:00:00.0000000Z',
        expires: expect.any(String),
        role: 'User',
      },
    ]);
    const mine = await call(scanner, 'GET /tokens/0/10', {}, undefined, 'u'.repeat(30));
    expect(mine.body).toMatchObject({ filter_count: 1, items: [{ token: 'u'.repeat(30) }] });
    const found = await call(scanner, 'GET /tokens/0/10', { find: 'nowhere', findB64: btoa('UUUU') });
    expect(found.body.filter_count).toBe(1);
    await expect(call(scanner, 'GET /tokens/x/10')).resolves.toMatchObject({ status: 401 });
    await expect(call(scanner, 'GET /tokens/0/10', { sort_column: 'colour' })).resolves.toMatchObject({
      status: 401,
    });
  });

  test('keep their value when they are extended', async () => {
    const { body } = await call(scanner, 'PUT /token', { ExtendUntil: '2031-01-01T00:00:00Z' });
    expect(body).toMatchObject({ token: scanner.apiKey, expires: '2031-01-01T00:00:00.0000000Z' });
  });
});

describe('a missing or wrong key', () => {
  test.each([
    ['GET /transfer', 403],
    ['GET /transfer_file', 403],
    ['PATCH /transfer_file', 403],
    ['POST /transfer', 403],
    ['DELETE /transfer', 403],
    ['GET /files/my/0/10', 403],
    ['GET /tokens/0/10', 403],
    ['GET /root_folder', 403],
    ['DELETE /file/abc', 403],
    ['GET /file/status/abc', 401],
    ['GET /file/abc', 401],
    ['GET /version', 401],
  ] as const)('is answered to %s with %i, as the age of its page has it', async (request, status) => {
    for (const key of [null, 'nonsense']) {
      await expect(call(scanner, request, {}, undefined, key)).resolves.toMatchObject({
        status,
        body: {
          message: expect.any(String),
          ui_message_key: null,
          status_code: status === 403 ? 'Forbidden' : 'Unauthorized',
        },
      });
    }
  });
});

test('version and root folder', async () => {
  await expect(call(scanner, 'GET /version')).resolves.toMatchObject({
    body: { message: null, ui_message_key: null, version: expect.stringMatching(/^\d+\.\d+/) },
  });
  const { body } = await call(scanner, 'GET /root_folder');
  expect(body).toEqual({
    folder_id: expect.stringMatching(/^[0-9a-f]{32}$/),
    name: '',
    path: '',
    owner: 'root',
    owner_id: 1,
    availability_state: 'Available',
    can_update_sharing: false,
    folder_path_list: [],
  });
});

test('accounts and keys that contradict each other are refused at the start', async () => {
  const twice = [
    { username: 'a', password: 'b' },
    { username: 'a', password: 'c' },
  ];
  await expect(startMetaDefenderSandbox({ users: twice })).rejects.toThrow('given twice');
  await expect(startMetaDefenderSandbox({ apiKeys: [{ key: 'k', username: 'nobody' }] })).rejects.toThrow(
    RangeError,
  );
});
