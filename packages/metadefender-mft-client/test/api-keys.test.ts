import { inspect } from 'node:util';
import type { MetaDefenderSandbox } from '@mft-bridge/sandbox';
import { startMetaDefenderSandbox } from '@mft-bridge/sandbox';
import { isApiError, isForbiddenError, isInvalidRequestError, MetaDefenderClient } from '../src/index';

const DAY = 86_400_000;
let now: number;
let sandbox: MetaDefenderSandbox;
let md: MetaDefenderClient;
const clients: MetaDefenderClient[] = [];
beforeEach(async () => {
  now = Date.UTC(2026, 0, 1);
  sandbox = await startMetaDefenderSandbox({ clock: () => now });
  md = withKey(sandbox.apiKey);
});
afterEach(async () => {
  for (const client of clients.splice(0)) await client.close();
  await sandbox.close();
});

function withKey(apiKey: string): MetaDefenderClient {
  const client = new MetaDefenderClient({ baseUrl: sandbox.url, auth: { apiKey } });
  clients.push(client);
  return client;
}
const failureOf = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

test('a key is created, works, is listed, and is dead after it was revoked', async () => {
  const issued = await md.apiKeys.create({ expires: new Date(now + DAY), description: 'for the gate' });
  expect(issued.expiresAt).toBe(now + DAY);
  expect(await withKey(issued.key).version()).toBe('3.11.5');

  const listed = await md.apiKeys.iterate({ count: 1 }).toArray({ limit: 10 });
  const entry = listed.find(({ description }) => description === 'for the gate');
  expect(entry).toMatchObject({ status: 'valid', expiresAt: now + DAY });
  expect(entry?.key).toBe(issued.key);
  const sorted = await md.apiKeys.list({ sortColumn: 'Created', sortDirection: 'desc', count: 1 });
  expect(sorted.items[0]?.description).toBe('for the gate');

  await md.apiKeys.revoke({ key: issued.key });
  const dead = await failureOf(withKey(issued.key).version());
  expect(isApiError(dead) && [401, 403].includes(dead.status)).toBe(true);
  expect(await md.version()).toBe('3.11.5');
});

test('a key is extended to a time or by a span, and this client goes on with its own', async () => {
  const { key } = await md.apiKeys.create({ expires: now + 3_600_000 });
  expect((await md.apiKeys.extend({ key, until: now + 7 * DAY })).expiresAt).toBe(now + 7 * DAY);
  expect((await md.apiKeys.extend({ key, byMs: 2 * 3_600_000 })).expiresAt).toBe(now + 2 * 3_600_000);
  expect(await md.version()).toBe('3.11.5');
});

test('keys are in nothing that a logger prints', async () => {
  const issued = await md.apiKeys.create({ expires: now + DAY });
  const { items } = await md.apiKeys.list();
  const printed = [issued, items].map((value) => JSON.stringify(value) + inspect(value, { depth: 9 })).join();
  expect(printed).not.toContain(issued.key);
  expect(printed).not.toContain(sandbox.apiKey);
  expect(Object.keys({ ...issued })).not.toContain('key');
});

test('what cannot work is refused here', async () => {
  for (const input of [
    { key: 'k', byMs: 1000, until: now + DAY },
    { key: 'with space' },
    { key: 'k', byMs: 86_400_000 },
  ])
    expect(isInvalidRequestError(await failureOf(md.apiKeys.extend(input)))).toBe(true);
  expect(isInvalidRequestError(await failureOf(md.apiKeys.create({ expires: NaN })))).toBe(true);
});

test('somebody who is no administrator is told what it takes', async () => {
  const other = await startMetaDefenderSandbox({
    users: [
      { username: 'admin', password: 'a' },
      { username: 'user', password: 'b', role: 'User' },
    ],
    clock: () => now,
  });
  const user = new MetaDefenderClient({
    baseUrl: other.url,
    auth: { username: 'user', password: 'b' },
    now: () => now,
  });
  clients.push(user);
  const error = await failureOf(user.apiKeys.create({ expires: now + DAY }));
  expect(isForbiddenError(error)).toBe(true);
  expect(String(error)).toContain('administrator');
  await other.close();
});
