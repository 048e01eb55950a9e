import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MetaDefenderSandbox } from '@mft-bridge/sandbox';
import { startMetaDefenderSandbox } from '@mft-bridge/sandbox';

// Each example runs as it would for a reader: a process of its own that knows nothing but its arguments and its environment.
jest.setTimeout(240_000);

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

let sandbox: MetaDefenderSandbox;
let folder: string;
beforeAll(async () => {
  sandbox = await startMetaDefenderSandbox();
  folder = await mkdtemp(join(tmpdir(), 'mdmft-examples-'));
});
afterAll(async () => {
  await sandbox.close();
  await rm(folder, { recursive: true });
});

function start(example: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const child = spawn(
    process.execPath,
    [
      '--import',
      'tsx',
      '--conditions',
      '@mft-bridge/source',
      join(__dirname, '..', 'examples', `${example}.ts`),
      ...args,
    ],
    {
      cwd: join(__dirname, '..'),
      env: { PATH: process.env['PATH'], MDMFT_URL: sandbox.url, MDMFT_API_KEY: sandbox.apiKey, ...env },
    },
  );
  let output = '';
  child.stdout.on('data', (data: Buffer) => (output += data.toString()));
  child.stderr.on('data', (data: Buffer) => (output += data.toString()));
  const ended = new Promise<{ code: number | null; output: string }>((resolve) =>
    child.once('close', (code) => resolve({ code, output })),
  );
  return { ended, kill: () => child.kill('SIGKILL') };
}
const run = (...args: Parameters<typeof start>) => start(...args).ended;

test('upload-and-wait fetches what was cleared, and nothing else', async () => {
  const good = join(folder, 'good.txt');
  const clean = join(folder, 'clean.txt');
  await writeFile(good, 'hello');
  const passed = await run('upload-and-wait', [good, clean]);
  expect(passed.output).toContain('cleared');
  expect(passed.code).toBe(0);
  expect(await readFile(clean, 'utf8')).toBe('hello');

  const bad = join(folder, 'bad.com');
  const never = join(folder, 'never.com');
  await writeFile(
    bad,
    'harmless, but the scanner was told otherwise: a real sample on disk would be taken by a host scanner',
  );
  const stop = sandbox.script('bad.com', { verdict: 'blocked', reason: 'Infected' });
  const refused = await run('upload-and-wait', [bad, never]);
  stop();
  expect(refused.output).toContain('blocked');
  expect(refused.code).toBe(2);
  expect(existsSync(never)).toBe(false);
});

test('gate-ci-artifact passes a build only if all of it was cleared', async () => {
  const paths = ['one.tgz', 'zwö.tgz', 'three.tgz'].map((name) => join(folder, name));
  for (const path of paths) await writeFile(path, randomBytes(5000));
  const passed = await run('gate-ci-artifact', paths);
  expect(passed.output.match(/^cleared\t/gm)).toHaveLength(3);
  expect(passed.code).toBe(0);

  const stop = sandbox.script('three.tgz', { verdict: 'blocked', reason: 'Infected' });
  const refused = await run('gate-ci-artifact', paths);
  stop();
  expect(refused.output).toMatch(/^blocked\tthree\.tgz/m);
  expect(refused.code).toBe(2);

  const away = await run('gate-ci-artifact', paths, { MDMFT_API_KEY: 'nobody' });
  expect(away.code).toBe(1);
});

test('resume-after-crash: killed in the middle, it goes on and sends only the rest', async () => {
  const source = join(folder, 'backup.tar');
  const notes = join(folder, 'backup.tar.upload');
  // Below 1 MiB the sandbox has read all of it when the upload ends; a larger file's hash comes later.
  const content = randomBytes(900_000);
  await writeFile(source, content);
  const env = { CHUNK_BYTES: '30000' };

  const first = start('resume-after-crash', [source, notes], env);
  let chunks = 0;
  const off = sandbox.onCall(({ operation, phase }) => {
    if (operation.startsWith('PATCH') && phase === 'answered' && (chunks += 1) === 8) first.kill();
  });
  expect((await first.ended).code).toBeNull();
  expect(existsSync(notes)).toBe(true);

  const before = chunks;
  const second = await run('resume-after-crash', [source, notes], env);
  off();
  expect(second.output).toContain('goes on');
  expect(second.output).toContain(sha256(content));
  expect(second.code).toBe(0);
  // Those that were acknowledged but not yet noted are sent again; never all.
  expect(chunks - before).toBeLessThan(30);
  expect(existsSync(notes)).toBe(false);
  expect(sandbox.files.map((file) => file.sha256)).toContain(sha256(content));
});

test('rotate-keys leaves a new key that works and an old one that does not', async () => {
  const keyFile = join(folder, 'key.txt');
  await writeFile(keyFile, `${sandbox.apiKey}\n`);
  const { code, output } = await run('rotate-keys', [keyFile]);
  expect(output).toContain('rotated');
  expect(code).toBe(0);
  const key = (await readFile(keyFile, 'utf8')).trim();
  expect(key).not.toBe(sandbox.apiKey);
  expect(output).not.toContain(key);
  const ask = async (bearer: string) =>
    (await fetch(`${sandbox.url}/vault_rest/version`, { headers: { authorization: `Bearer ${bearer}` } }))
      .status;
  expect(await ask(key)).toBe(200);
  expect([401, 403]).toContain(await ask(sandbox.apiKey));
});
