import type { MetaDefenderSandbox, MetaDefenderSandboxOptions } from '@mft-bridge/sandbox';
import { startMetaDefenderSandbox } from '@mft-bridge/sandbox';
import type { CliResult } from './run-cli';
import { runCli } from './run-cli';

const PASSWORD = 'canary-password-2';
const KEYS = ['canary-key-of-30-characters-01'];

let time = Date.now();
const clock = (): number => time;

async function probe(
  options: MetaDefenderSandboxOptions,
  args: readonly string[] = [],
  who: 'both' | 'key' | 'password' = 'both',
): Promise<{ result: CliResult; outcomes: Record<number, string>; scanner: MetaDefenderSandbox }> {
  const scanner = await startMetaDefenderSandbox({
    clock,
    users: [{ username: 'probe-user', password: PASSWORD }],
    apiKeys: KEYS,
    ...options,
  });
  const result = await runCli('mdmft', ['probe', '--json', ...args], {
    now: clock,
    sleep: async (ms) => void (time += ms),
    env: {
      MDMFT_URL: scanner.url,
      ...(who === 'password' ? {} : { MDMFT_API_KEY: KEYS[0] ?? '' }),
      ...(who === 'key' ? {} : { MDMFT_USERNAME: 'probe-user', MDMFT_PASSWORD: PASSWORD }),
    },
  });
  await scanner.close();
  const outcomes = Object.fromEntries(
    result
      .json()
      .slice(1)
      .map(({ number, outcome }) => [Number(number), String(outcome)]),
  );
  return { result, outcomes, scanner };
}

test('against the default sandbox every number of the reference holds or is untested', async () => {
  const { result, outcomes, scanner } = await probe({});
  expect(result.err).toBe('');
  expect(Object.keys(outcomes).map(Number)).toEqual(Array.from({ length: 24 }, (_, index) => index + 1));
  const untested = Object.keys(outcomes).filter((number) => outcomes[Number(number)] === 'untested');
  // 6 and 19 would harm others, 17 and 24 are not to be seen here.
  expect(untested).toEqual(['6', '17', '19', '24']);
  expect(Object.values(outcomes).filter((outcome) => outcome === 'differs')).toEqual([]);
  expect(result.code).toBe(0);

  // It cleans up after itself, and what it prints can be sent to anybody.
  expect(new Set(scanner.files.map(({ state }) => state))).toEqual(new Set(['Deleted']));
  const { calls } = scanner;
  expect(calls['DELETE /vault_rest/folders']).toBe(calls['POST /vault_rest/folder']);
  // Two sessions, the second one extended, and the key that was made to expire.
  expect(calls['DELETE /vault_rest/authenticate']).toBeGreaterThanOrEqual(3);
  for (const secret of [PASSWORD, ...KEYS, 'probe-user', new URL(scanner.url).host])
    expect(result.out).not.toContain(secret);
  expect(result.json()[0]).toEqual(expect.objectContaining({ probe: 'mdmft', server: expect.any(String) }));
});

test('with a password alone the shapes of 3.10 differ, and the client works all the same', async () => {
  const { result, outcomes } = await probe(
    { settings: { replies: 'pascal', loginSeparator: 'colon' } },
    ['--login-separator', 'colon'],
    'password',
  );
  expect(outcomes).toMatchObject({
    1: 'differs',
    2: 'differs',
    12: 'differs',
    3: 'holds',
    4: 'holds',
    22: 'holds',
  });
  expect(result.code).toBe(2);
});

test('a refused login is the one finding, and is tried once', async () => {
  const { outcomes, scanner } = await probe({ settings: { loginSeparator: 'colon' } }, [], 'password');
  expect(outcomes[1]).toBe('differs');
  expect(new Set(Object.values(outcomes).slice(1))).toEqual(new Set(['untested']));
  expect(scanner.calls['GET /vault_rest/authenticate']).toBe(1);
});

test.each([
  ['a key that skips scanning', { apiKeys: [{ key: KEYS[0] ?? '', skipScan: true }] }, 22],
  [
    'a proxy that drops headers with underscores',
    { settings: { proxy: { underscoreHeaders: 'dropped' } } },
    21,
  ],
] as const)('%s is found', async (_name, options, number) => {
  const { result, outcomes } = await probe(options, [], 'key');
  expect([outcomes[number], result.code]).toEqual(['differs', 2]);
});

test('--no-eicar sends none', async () => {
  const { outcomes, scanner } = await probe({}, ['--no-eicar'], 'key');
  expect(outcomes).toMatchObject({ 1: 'untested', 22: 'untested' });
  expect(scanner.scanned.map(({ verdict }) => verdict)).not.toContain('blocked');
});

test('on a terminal it is a list with a summary', async () => {
  const scanner = await startMetaDefenderSandbox({ clock });
  const { out } = await runCli('mdmft', ['probe', '--no-eicar'], {
    now: clock,
    sleep: async (ms) => void (time += ms),
    env: { MDMFT_URL: scanner.url, MDMFT_API_KEY: scanner.apiKey },
  });
  await scanner.close();
  expect(out).toMatch(/^mdmft \S+, MetaDefender MFT \S+, Node v/);
  expect(out).toMatch(/^holds {5}21 {2}do headers with underscores reach the server\n +Yes\.$/m);
  expect(out).toMatch(/\n\d+ hold, 0 differ, \d+ are untested\.\n$/);
});
