import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

// The code of the README is run as it stands there, by a jest and a Node of its own. Only the name of the package is
// replaced by its source, and `yourCode` is put beside it.
const readme = readFileSync(join(__dirname, '../README.md'), 'utf8');
const blocks = [...readme.matchAll(/```(?:ts|js)\n([^]*?)```/g)].map(([, code = '']) =>
  code.replaceAll("'@mft-bridge/sandbox'", JSON.stringify(join(__dirname, '../src/index.ts'))),
);
const [inJest = '', inNode = '', ...pieces] = blocks;

const GATEWAY_CODE = `
async function yourCode(url, credentials) {
  if (credentials === undefined) return void (await fetch(url + '/message/inbox').catch(() => undefined));
  const { tokenId: tokenID, tokenSecret } = credentials;
  const body = JSON.stringify({ tokenID, tokenSecret });
  const { apiToken: Authorization } = await (await fetch(url + '/authorize', { method: 'POST', body })).json();
  const get = async (path) => (await fetch(url + path, { headers: { Authorization } })).json();
  for (const id of (await get('/message/inbox')).messages) {
    const { attachments } = await get('/message/inbox/' + encodeURIComponent(id) + '/attachments');
    const content = await (await fetch(attachments[0].url)).arrayBuffer();
    const headers = { Authorization, 'AS2-From': 'HUB', 'AS2-To': 'WAREHOUSE' };
    await fetch(url + '/message/submit', { method: 'POST', headers, body: content }).catch(() => undefined);
  }
  while ((await get('/message/outbox')).messages.length === 0) await new Promise((next) => setTimeout(next, 20));
}
`;
const SCANNER_CODE = `
async function yourCode(url, key) {
  const call = async (method, path, headers, body) => {
    const answer = await fetch(url + '/vault_rest' + path, { method, headers: { Authorization: 'Bearer ' + key, ...headers }, body });
    return answer.json();
  };
  const { group_id } = await call('GET', '/transfer');
  const { file_id } = await call('GET', '/transfer_file', { group_id, transfer_method: 'Chunk', file_size: '1', file_name: 'a' });
  await call('PATCH', '/transfer_file', { group_id, file_id, chunk_offset: '0' }, 'x');
  await call('POST', '/transfer_file', { group_id, file_id });
  await call('POST', '/transfer', { group_id });
  while ((await call('GET', '/file/status/' + file_id)).availability_state !== 'Available')
    await new Promise((next) => setTimeout(next, 20));
}
`;

/** A piece that stands in the middle of a test: with what it takes for granted put before it. */
function asTest(piece: string, number: number): string {
  return `test('piece ${String(number)}', async () => {
    const gateway = await startAs2GatewaySandbox();
    const content = Buffer.from('ISA');
    await gateway.partner('ACME').send({ attachments: [{ name: 'a', content }] });
    ${piece.replaceAll(':8080', ':9')}
    await gateway.close();
  });`;
}

/** A jest that starts beside a whole test run takes its time. The test waits longer, so that the child never outlives it. */
const CHILD_MS = 90_000;
jest.setTimeout(2 * CHILD_MS + 10_000);

describe('the code of the README', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'sandbox-readme-test-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  function write(name: string, content: string): string {
    const path = join(directory, name);
    writeFileSync(path, content);
    return path;
  }
  /** A process group of its own: when time is up, what it started ends with it. */
  async function run(...parameters: string[]): Promise<string> {
    const child = spawn(process.execPath, parameters, {
      cwd: directory,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NODE_OPTIONS: '', JEST_WORKER_ID: undefined },
    });
    const stop = (): void => {
      try {
        process.kill(-(child.pid ?? 0), 'SIGKILL');
      } catch {
        // All of it is over.
      }
    };
    const timer = setTimeout(stop, CHILD_MS);
    try {
      const ended = new Promise<number | null>((done, failed) => {
        child.once('close', done);
        child.once('error', failed);
      });
      const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
      if (code !== 0) throw new Error(`ended with ${String(code ?? 'a signal')}:\n${stdout}${stderr}`);
      return stdout + stderr;
    } finally {
      clearTimeout(timer);
      stop();
    }
  }

  it('has the two examples in at most five lines of a body, and three more pieces', () => {
    expect(inJest).toMatch(/^import .*\n\ntest\('/);
    expect(inNode).toContain('import assert');
    const lines = (code: string): number =>
      code.split('\n').filter((line) => /^\s*(?:const|await|expect|assert)/.test(line)).length;
    expect(lines(inJest)).toBeLessThanOrEqual(5);
    expect(lines(inNode)).toBeLessThanOrEqual(5);
    expect(pieces).toHaveLength(3);
  });

  it('runs in jest', async () => {
    const imports = inJest.replace(
      '{ startAs2GatewaySandbox }',
      '{ startAs2GatewaySandbox, startFaultProxy }',
    );
    write('readme.test.ts', [imports, GATEWAY_CODE, ...pieces.map(asTest)].join('\n'));
    const swc = { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'commonjs' } };
    const config = write(
      'jest.config.json',
      JSON.stringify({
        rootDir: directory,
        testEnvironment: 'node',
        testEnvironmentOptions: { customExportConditions: ['node', 'require'] },
        transform: { '\\.ts$': [require.resolve('@swc/jest'), swc] },
      }),
    );
    const output = await run(
      require.resolve('jest/bin/jest'),
      '--config',
      config,
      '--runInBand',
      '--forceExit',
    );
    expect(output).toMatch(/Tests: +4 passed, 4 total/);
  });

  it('runs in plain Node', async () => {
    const script = write('test.mjs', inNode + SCANNER_CODE);
    await expect(run('--import', require.resolve('tsx'), script)).resolves.toBe('');
    // The same with another expectation fails: what passes above is not nothing.
    const wrong = write('wrong.mjs', inNode.replace("'allowed'", "'blocked'") + SCANNER_CODE);
    await expect(run('--import', require.resolve('tsx'), wrong)).rejects.toThrow('AssertionError');
  });
});
