import type { As2GatewaySandbox, As2GatewaySandboxOptions } from '@mft-bridge/sandbox';
import { startAs2GatewaySandbox } from '@mft-bridge/sandbox';
import type { CliResult } from './run-cli';
import { runCli } from './run-cli';

const SECRET = 'canary-token-secret-4';
const CREDENTIALS = {
  tokenId: 'canary-token-id-4',
  tokenSecret: SECRET,
  username: 'owner@example.com',
  password: 'canary-password-4',
};

let time = Date.now();
const clock = (): number => time;

interface Probed {
  readonly result: CliResult;
  readonly outcomes: Record<number, string>;
  /** Ids that are left in the outbox and the inbox. */
  readonly left: readonly Record<string, unknown>[];
  readonly gateway: As2GatewaySandbox;
}

/** @param loop what is sent to the partner comes back from it, as if it were a station of our own */
async function probe(
  options: As2GatewaySandboxOptions,
  { loop = false, args = ['--from', 'HUB', '--to', 'LOOP'], who = 'token', compat = 'v2' } = {},
): Promise<Probed> {
  const gateway = await startAs2GatewaySandbox({
    clock,
    partners: ['LOOP'],
    credentials: CREDENTIALS,
    ...options,
  });
  const base: Record<string, string> = { AS2GW_URL: gateway.url };
  const env =
    who === 'token'
      ? { ...base, AS2GW_TOKEN_ID: CREDENTIALS.tokenId, AS2GW_TOKEN_SECRET: SECRET }
      : { ...base, AS2GW_USERNAME: CREDENTIALS.username, AS2GW_PASSWORD: CREDENTIALS.password };
  const returned = new Set<string>();
  const run = (more: readonly string[]) =>
    runCli('as2gw', more, {
      env,
      now: clock,
      sleep: async (ms) => {
        time += ms;
        for (const { messageId, subject } of loop ? gateway.partner('LOOP').received : []) {
          if (returned.has(messageId)) continue;
          returned.add(messageId);
          await gateway.partner('LOOP').send({
            attachments: [{ name: 'back.txt', content: Buffer.from('back') }],
            ...(subject === undefined ? {} : { subject }),
          });
        }
      },
    });
  const result = await run(['probe', '--json', ...args]);
  const left: Record<string, unknown>[] = [];
  for (const command of [
    ['outbox', 'ls', '--json'],
    ['inbox', 'ls', '--all', '--json', '--subject', 'one of several'],
  ])
    left.push(...(await run([...command, '--compat', compat, '--rate', '0'])).json());
  await gateway.close();
  const outcomes = Object.fromEntries(
    result
      .json()
      .slice(1)
      .map(({ number, outcome }) => [Number(number), String(outcome)]),
  );
  return { result, outcomes, left, gateway };
}

const untestedIn = (outcomes: Record<number, string>): number[] =>
  Object.keys(outcomes)
    .map(Number)
    .filter((number) => outcomes[number] === 'untested');

test('against the default sandbox every number of the reference holds or is untested, and nothing stays', async () => {
  const { result, outcomes, left, gateway } = await probe({}, { loop: true });
  expect(result.err).toBe('');
  expect(Object.keys(outcomes).map(Number)).toEqual(Array.from({ length: 28 }, (_, index) => index + 1));
  // Too large, throttling that does not occur, no known path, from outside, 35 days, one address.
  expect(untestedIn(outcomes)).toEqual([20, 21, 24, 25, 27, 28]);
  expect(Object.values(outcomes)).not.toContain('differs');
  expect(result.code).toBe(0);
  expect(left).toEqual([]);
  for (const secret of [...Object.values(CREDENTIALS), 'HUB', 'LOOP', new URL(gateway.url).host])
    expect(result.out).not.toContain(secret);
});

test('a partner that does not lead back to us leaves the questions of the inbox untested', async () => {
  const { outcomes } = await probe({});
  expect(untestedIn(outcomes)).toEqual([14, 15, 20, 21, 24, 25, 27, 28]);
});

test('without --from and --to it only reads', async () => {
  const { result, gateway } = await probe({}, { args: [] });
  expect(result.code).toBe(0);
  expect(gateway.calls).not.toHaveProperty('POST /message/submit');
});

test('the names of 2022 differ, and what was sent is deleted all the same', async () => {
  const { result, outcomes, left } = await probe({ names: 'v1' }, { loop: true, compat: 'v1' });
  expect(outcomes).toMatchObject({
    2: 'differs',
    6: 'differs',
    8: 'differs',
    17: 'differs',
    23: 'differs',
    26: 'differs',
  });
  expect(outcomes).toMatchObject({ 1: 'holds', 13: 'holds', 14: 'holds', 18: 'holds' });
  expect(result.code).toBe(2);
  expect(left).toEqual([]);
});

test('with user name and password the session is refreshed', async () => {
  const { outcomes } = await probe({}, { who: 'password' });
  expect(outcomes).toMatchObject({ 1: 'untested', 5: 'holds' });
});

test('a refused token is the one finding', async () => {
  const { result, outcomes } = await probe({ credentials: { ...CREDENTIALS, tokenSecret: 'another' } });
  expect(outcomes[1]).toBe('differs');
  expect(new Set(Object.values(outcomes).slice(1))).toEqual(new Set(['untested']));
  expect(result.code).toBe(2);
});
