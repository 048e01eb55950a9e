import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Json } from './gateway-fixture';

/** The command from its source: what is built is tested where packages are packed. */
describe('mft-bridge-sandbox', () => {
  let directory: string;
  let child: ChildProcess | undefined;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'sandbox-command-test-'));
  });
  afterEach(() => {
    child?.kill('SIGKILL');
    rmSync(directory, { recursive: true });
  });

  async function start(...parameters: string[]): Promise<{ line: Json; exited: Promise<unknown[]> }> {
    const started = spawn(
      process.execPath,
      ['--import', require.resolve('tsx'), join(__dirname, '../src/cli.ts'), ...parameters],
      {
        // A temporary directory of its own: whatever is left behind is found.
        env: { ...process.env, TMPDIR: directory },
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    child = started;
    const exited = once(started, 'exit');
    const [first] = (await once(started.stdout, 'data')) as [Buffer];
    return { line: JSON.parse(first.toString()), exited };
  }

  async function sendLarge(control: string): Promise<void> {
    const base64 = Buffer.alloc(2_000_000, 'x').toString('base64');
    const answer = await fetch(`${control}/partners/ACME/send`, {
      method: 'POST',
      body: JSON.stringify({ attachments: [{ name: 'large.txt', base64 }] }),
    });
    expect(answer.status).toBe(200);
    expect(leftOver()).toHaveLength(1);
  }
  const leftOver = (): string[] =>
    readdirSync(directory).filter((name) => name.startsWith('mft-bridge-sandbox-'));

  it.each(['SIGINT', 'SIGTERM'] as const)(
    'ends cleanly on %s: exit 0, no temporary files',
    async (signal) => {
      const { line, exited } = await start();
      await sendLarge(line.control.url);
      child?.kill(signal);
      expect(await exited).toEqual([0, null]);
      expect(leftOver()).toEqual([]);
    },
  );

  it('speaks the names it is told to, and prints the seed', async () => {
    const { line, exited } = await start(
      '--names',
      'v1',
      '--seed',
      'abc',
      '--webhook-url',
      'http://127.0.0.1:9/',
    );
    expect([line.gateway.seed, line.scanner.seed]).toEqual(['abc', 'abc']);
    const { username, password } = line.gateway.credentials;
    const login = await fetch(`${line.gateway.url}/authorize`, {
      method: 'POST',
      body: JSON.stringify({ username, password }),
    });
    expect(Object.keys((await login.json()) as object)).toEqual(['api_token', 'refresh_token']);
    const webhooks: Json = await (await fetch(`${line.control.url}/webhooks`)).json();
    expect(webhooks.targets).toEqual([{ url: 'http://127.0.0.1:9/' }]);
    child?.kill('SIGTERM');
    expect(await exited).toEqual([0, null]);
  });

  it('writes its addresses to the state file, for the owner alone, and ends on POST /stop', async () => {
    const stateFile = join(directory, 'state.json');
    const { line, exited } = await start('--state-file', stateFile);
    expect(JSON.parse(readFileSync(stateFile, 'utf8'))).toEqual(line);
    expect(statSync(stateFile).mode & 0o777).toBe(0o600);
    await sendLarge(line.control.url);
    const answer = await fetch(`${line.control.url}/stop`, { method: 'POST' });
    expect(await answer.json()).toEqual({ stopping: true });
    expect(await exited).toEqual([0, null]);
    expect(existsSync(stateFile)).toBe(false);
    expect(leftOver()).toEqual([]);
  });
});
