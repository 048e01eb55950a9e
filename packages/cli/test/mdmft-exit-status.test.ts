import type { MetaDefenderSandbox } from '@mft-bridge/sandbox';
import { startMetaDefenderSandbox } from '@mft-bridge/sandbox';
import { runCli } from './run-cli';
import type { Scratch } from './scratch';
import { createScratch, eicar, encryptedZip } from './scratch';

let scanner: MetaDefenderSandbox;
let scratch: Scratch;
let env: Record<string, string>;
let clean: string;
let bad: string;
let locked: string;
beforeAll(async () => {
  scanner = await startMetaDefenderSandbox();
  scratch = createScratch();
  env = { MDMFT_URL: scanner.url, MDMFT_API_KEY: scanner.apiKey };
  clean = scratch.file('clean.txt', 'a harmless line\n');
  bad = scratch.file('bad.txt', eicar());
  locked = scratch.file('locked.zip', await encryptedZip());
});
afterAll(async () => {
  await scanner.close();
  scratch.remove();
});

describe('mdmft scan ends with', () => {
  const files = (...names: ('clean' | 'bad' | 'locked' | 'missing')[]): string[] =>
    names.map((name) => ({ clean, bad, locked, missing: '/no/such/file.txt' })[name]);

  test.each([
    [0, ['clean']],
    [2, ['bad']],
    [3, ['locked']],
    [1, ['missing']],
    [2, ['clean', 'missing', 'locked', 'bad']],
    [1, ['clean', 'locked', 'missing']],
    [3, ['clean', 'locked']],
  ] as const)('%i for %j', async (code, names) => {
    const result = await runCli('mdmft', ['scan', ...files(...names)], { env });
    expect(result.code).toBe(code);
    expect(result.out.match(/^(cleared|blocked|held|failed) /gm)).toHaveLength(names.length);
    expect(result.err).toBe('');
  });

  test('1 with a wrong key, which appears nowhere', async () => {
    const key = 'canary-key-0123456789abcdef';
    const { code, out, err } = await runCli('mdmft', ['scan', clean], {
      env: { ...env, MDMFT_API_KEY: key },
    });
    expect(code).toBe(1);
    expect(out).toMatch(/^failed {4}.*clean\.txt\n.*40[13]/s);
    expect(out + err).not.toContain(key);
  });

  test('1 where the server is down', async () => {
    const { code, out } = await runCli('mdmft', ['scan', clean], {
      env: { ...env, MDMFT_URL: 'http://127.0.0.1:9' },
    });
    expect(code).toBe(1);
    expect(out).toMatch(/^failed /);
  });

  test('3 when time is up before the verdict', async () => {
    const slow = await startMetaDefenderSandbox({ scanTimeMs: 60_000 });
    const args = ['scan', '--timeout', '50ms', '--json', clean];
    const result = await runCli('mdmft', args, { env: { MDMFT_URL: slow.url, MDMFT_API_KEY: slow.apiKey } });
    expect(result.code).toBe(3);
    expect(result.json()).toEqual([
      expect.objectContaining({
        verdict: 'pending',
        reasons: expect.arrayContaining([expect.objectContaining({ code: 'deadline-passed' })]),
      }),
    ]);
    await slow.close();
  });

  test.each([[['scan']], [['scan', '--frobnicate']], [['scan', '--timeout', 'soon', 'x']], [['nonsense']]])(
    '1 for %j',
    async (args) => {
      const { code, err } = await runCli('mdmft', args, { env });
      expect(code).toBe(1);
      expect(err).toMatch(/^error: .*\n.*--help/s);
    },
  );

  test('1 without a server or without credentials, with a sentence on what to set', async () => {
    const noServer = await runCli('mdmft', ['version'], {});
    expect([noServer.code, noServer.err]).toEqual([1, expect.stringContaining('MDMFT_URL')]);
    const nobody = await runCli('mdmft', ['version'], { env: { MDMFT_URL: scanner.url } });
    expect([nobody.code, nobody.err]).toEqual([1, expect.stringContaining('MDMFT_API_KEY')]);
  });
});

test('scan --json is one object a file with verdict, reasons and hash', async () => {
  const { out, json } = await runCli('mdmft', ['scan', '--json', clean, bad, locked], { env });
  expect(out.trimEnd().split('\n')).toHaveLength(3);
  const byFile = new Map(json().map((line) => [line['file'], line]));
  expect(byFile.get(clean)).toEqual({
    file: clean,
    fileId: expect.stringMatching(/^[0-9a-f]{32}$/),
    verdict: 'cleared',
    reasons: [],
    sanitized: false,
    size: 16,
    sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
  expect(byFile.get(bad)).toMatchObject({ verdict: 'blocked', reasons: [{ code: 'blocked' }] });
  expect(byFile.get(locked)).toMatchObject({ verdict: 'held' });
});

test('scan --delete leaves nothing at the server', async () => {
  await runCli('mdmft', ['scan', '--delete', scratch.file('gone.txt', 'gone soon\n')], { env });
  expect(scanner.files.filter(({ name }) => name === 'gone.txt')).toEqual([
    expect.objectContaining({ state: 'Deleted' }),
  ]);
});

test('scan --delete keeps a file that is not decided in time, so that "wait" can go on with it', async () => {
  const own = await startMetaDefenderSandbox({ scanTimeMs: 3_600_000 });
  const { code } = await runCli('mdmft', ['scan', '--delete', '--timeout', '50ms', clean], {
    env: { MDMFT_URL: own.url, MDMFT_API_KEY: own.apiKey },
  });
  expect([code, own.calls['DELETE /vault_rest/file/{file_id}']]).toEqual([3, undefined]);
  await own.close();
});

test('Ctrl-C while a file is scanned with --delete takes the file away from the server', async () => {
  const interrupt = new AbortController();
  const own = await startMetaDefenderSandbox({ scanTimeMs: 3_600_000 });
  own.onCall(({ operation, phase }) => {
    if (operation.includes('status') && phase === 'answered') interrupt.abort();
  });
  const { code } = await runCli('mdmft', ['scan', '--delete', clean], {
    env: { MDMFT_URL: own.url, MDMFT_API_KEY: own.apiKey },
    signal: interrupt.signal,
  });
  expect([code, own.calls['DELETE /vault_rest/file/{file_id}']]).toEqual([130, 1]);
  await own.close();
});

test('a key cannot be extended by a day or more, and the command says what to do', async () => {
  const file = scratch.file('key.txt', `${scanner.apiKey}\n`);
  const { code, err } = await runCli('mdmft', ['key', 'extend', file, '--by', '24h'], { env });
  expect([code, err]).toEqual([1, expect.stringContaining('--until')]);
});

test('names that are not ASCII are refused, unless an option says how they travel', async () => {
  const file = scratch.file('Übersicht.txt', 'x\n');
  const refused = await runCli('mdmft', ['scan', file], { env });
  expect([refused.code, refused.out]).toEqual([1, expect.stringContaining('--names transliterate')]);
  expect((await runCli('mdmft', ['scan', '--names', 'transliterate', file], { env })).code).toBe(0);
  expect((await runCli('mdmft', ['scan', '--names', 'utf8-latin1', file], { env })).code).toBe(0);
  const names = scanner.files.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(['Ubersicht.txt', 'Übersicht.txt']));
});

test('Ctrl-C with several uploads under way aborts each of them at the server', async () => {
  const interrupt = new AbortController();
  const own = await startMetaDefenderSandbox();
  own.faults.add({ on: 'PATCH /vault_rest/transfer_file', fault: { kind: 'stall', where: 'request' } });
  // The first clean-up is quick, the others are not: they must not be cut off by it.
  own.faults.add({ on: 'DELETE /vault_rest/transfer', after: 1, fault: { kind: 'latency', ms: 200 } });
  let patches = 0;
  let aborted = 0;
  own.onCall(({ operation, phase }) => {
    if (operation.startsWith('PATCH') && (patches += 1) === 3) interrupt.abort();
    if (operation === 'DELETE /vault_rest/transfer' && phase === 'answered') aborted += 1;
  });
  const files = ['one', 'two', 'three'].map((name) => scratch.file(`${name}.txt`, `${name}\n`));
  const { code } = await runCli('mdmft', ['scan', ...files], {
    env: { MDMFT_URL: own.url, MDMFT_API_KEY: own.apiKey },
    signal: interrupt.signal,
  });
  expect([code, aborted]).toEqual([130, 3]);
  await own.close();
});

test('Ctrl-C ends with 130, and the upload under way is aborted at the server too', async () => {
  const interrupt = new AbortController();
  const own = await startMetaDefenderSandbox();
  own.faults.add({ on: 'PATCH /vault_rest/transfer_file', fault: { kind: 'stall', where: 'request' } });
  own.onCall(({ operation }) => {
    if (operation.startsWith('PATCH')) interrupt.abort();
  });
  const { code, err, out } = await runCli('mdmft', ['scan', clean], {
    env: { MDMFT_URL: own.url, MDMFT_API_KEY: own.apiKey },
    signal: interrupt.signal,
  });
  expect([code, err, out]).toEqual([130, 'Interrupted.\n', '']);
  expect(own.calls['DELETE /vault_rest/transfer']).toBe(1);
  await own.close();
});
