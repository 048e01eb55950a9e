import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MetaDefenderSandbox } from '@mft-bridge/sandbox';
import { startMetaDefenderSandbox } from '@mft-bridge/sandbox';
import { runCli } from './run-cli';
import type { Scratch } from './scratch';
import { createScratch } from './scratch';

const HOUR = 3_600_000;
const PASSWORD = 'canary-password-1';

let time: number;
let scanner: MetaDefenderSandbox;
let scratch: Scratch;
let env: Record<string, string>;
let store: string;
beforeEach(async () => {
  time = Date.parse('2026-05-01T08:00:00Z');
  scratch = createScratch();
  scanner = await startMetaDefenderSandbox({
    clock: () => time,
    users: [{ username: 'bob', password: PASSWORD }],
  });
  env = { MDMFT_URL: scanner.url, XDG_CONFIG_HOME: scratch.path };
  store = join(scratch.path, 'mft-bridge', 'mdmft-session.json');
});
afterEach(async () => {
  await scanner.close();
  scratch.remove();
});

const mdmft = (args: string[], typed?: string[]) =>
  runCli('mdmft', args, { env, now: () => time, ...(typed === undefined ? {} : { typed }) });
const storedKey = (): string => (JSON.parse(readFileSync(store, 'utf8')) as { key: string }).key;

test('login asks, echoes the name and not the password, and keeps the session for the owner alone', async () => {
  const { code, out, err } = await mdmft(['login'], ['bob\r', `${PASSWORD}\r`]);
  expect([code, out]).toEqual([0, expect.stringContaining('until 2026-05-01 09:00:00Z')]);
  expect(err).toContain('User name: bob');
  expect(err).toContain('Password (not shown): ');
  for (const secret of [PASSWORD, storedKey()]) expect(out + err).not.toContain(secret);
  expect(statSync(store).mode & 0o777).toBe(0o600);
  expect((await mdmft(['version'])).code).toBe(0);
});

test('the session is extended ahead of its end, and the new key kept', async () => {
  await mdmft(['login'], ['bob\r', `${PASSWORD}\r`]);
  const before = storedKey();
  time += HOUR - 5 * 60_000;
  expect((await mdmft(['version'])).code).toBe(0);
  expect(storedKey()).not.toBe(before);
  time += HOUR - 5 * 60_000;
  expect((await mdmft(['version'])).code).toBe(0);
});

test('a session that has ended says so', async () => {
  await mdmft(['login'], ['bob\r', `${PASSWORD}\r`]);
  time += 2 * HOUR;
  const { code, err } = await mdmft(['version']);
  expect([code, err]).toEqual([1, expect.stringContaining('mdmft login')]);
  expect(existsSync(store)).toBe(false);
});

test('logout ends the session at the server and forgets it', async () => {
  await mdmft(['login'], ['bob\r', `${PASSWORD}\r`]);
  const kept = readFileSync(store, 'utf8');
  expect((await mdmft(['logout'])).code).toBe(0);
  expect(existsSync(store)).toBe(false);
  writeFileSync(store, kept);
  expect((await mdmft(['version'])).code).toBe(1);
});

test('a session is never sent to another server', async () => {
  await mdmft(['login'], ['bob\r', `${PASSWORD}\r`]);
  const other = await startMetaDefenderSandbox();
  const { code, err } = await mdmft(['version', '--url', other.url]);
  expect([code, err]).toEqual([1, expect.stringContaining('No credentials')]);
  expect(other.calls).toEqual({});
  await other.close();
});

test('a refused login is tried once and explained', async () => {
  const { code, err } = await mdmft(['login'], ['bob\r', 'wrong-password\r']);
  expect([code, err]).toEqual([1, expect.stringMatching(/refused \(HTTP 403\).*--login-separator colon/)]);
  expect(err).not.toContain('wrong-password');
  expect(scanner.calls['GET /vault_rest/authenticate']).toBe(1);
});

test('user name and password from the environment need no login', async () => {
  env = { ...env, MDMFT_USERNAME: 'bob', MDMFT_PASSWORD: PASSWORD };
  expect((await mdmft(['version'])).code).toBe(0);
});

test('an API key can be typed, and is not echoed', async () => {
  const { code, out, err } = await mdmft(['version'], [`${scanner.apiKey}\r`]);
  expect(code).toBe(0);
  expect(out + err).not.toContain(scanner.apiKey);
});
