import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { MetaDefenderSandbox } from '@mft-bridge/sandbox';
import { startMetaDefenderSandbox } from '@mft-bridge/sandbox';
import { runCli } from './run-cli';
import type { Scratch } from './scratch';
import { createScratch, eicar } from './scratch';

let scanner: MetaDefenderSandbox;
let scratch: Scratch;
let env: Record<string, string>;
beforeEach(async () => {
  scanner = await startMetaDefenderSandbox();
  scratch = createScratch();
  env = { MDMFT_URL: scanner.url, MDMFT_API_KEY: scanner.apiKey };
});
afterEach(async () => {
  await scanner.close();
  scratch.remove();
});

const mdmft = (...args: string[]) => runCli('mdmft', args, { env });

async function uploaded(name: string, content: string | Buffer): Promise<string> {
  const { json, code } = await mdmft('upload', '--json', scratch.file(name, content));
  expect(code).toBe(0);
  expect(json()).toEqual([expect.objectContaining({ verdict: 'uploaded' })]);
  return String(json()[0]?.['fileId']);
}

test('upload, wait, status, ls, rm: the way of two files', async () => {
  const good = await uploaded('good.txt', 'good\n');
  const bad = await uploaded('bad.txt', eicar());
  expect((await mdmft('wait', good, bad)).code).toBe(2);
  expect((await mdmft('status', good)).out).toMatch(/^cleared +good\.txt/);
  const status = await mdmft('status', '--json', bad);
  expect([status.code, status.json()]).toEqual([
    2,
    [expect.objectContaining({ fileId: bad, verdict: 'blocked' })],
  ]);

  const table = await mdmft('ls');
  expect(table.out).toMatch(/^ID +STATE +SIZE +CREATED +NAME\n/);
  expect(table.out).toContain('good.txt');
  const rows = (await mdmft('ls', '--json', '--find', 'good')).json();
  expect(rows).toEqual([
    expect.objectContaining({
      fileId: good,
      name: 'good.txt',
      size: 5,
      state: 'Available',
      createdAt: expect.any(Number),
    }),
  ]);
  const few = await mdmft('ls', '--limit', '1');
  expect([few.out.trimEnd().split('\n').length, few.err]).toEqual([
    2,
    expect.stringContaining('There are more'),
  ]);

  expect((await mdmft('rm', good, bad)).code).toBe(0);
  expect(scanner.files.map(({ state }) => state)).toEqual(['Deleted', 'Deleted']);
  const again = await mdmft('rm', '--json', good);
  expect([again.code, again.json()]).toEqual([1, [expect.objectContaining({ deleted: false })]]);
});

test('a file that the server does not know is held, never clean', async () => {
  const { code, out } = await mdmft('status', '0'.repeat(32));
  expect([code, out]).toEqual([3, expect.stringContaining('never existed')]);
});

test('upload --folder puts the file there', async () => {
  await mdmft('upload', '--folder', 'incoming', scratch.file('a.txt', 'a\n'));
  expect((await mdmft('ls', '--json')).json()).toEqual([expect.objectContaining({ path: 'incoming' })]);
});

describe('download', () => {
  test('writes cleared bytes under the name that the server knows, and touches no file that exists', async () => {
    const id = await uploaded('good.txt', 'good\n');
    const first = await mdmft('download', id, '--to', join(scratch.path, 'out'));
    const path = join(scratch.path, 'out', 'good.txt');
    expect([first.code, first.err, readFileSync(path, 'utf8')]).toEqual([0, '', 'good\n']);
    const other = await uploaded('good.txt', 'other\n');
    const again = await mdmft('download', other, '-o', path);
    expect([again.code, again.err]).toEqual([1, expect.stringContaining('exists already')]);
    expect(readFileSync(path, 'utf8')).toBe('good\n');
    expect((await mdmft('download', other, '-o', path, '--force')).code).toBe(0);
    expect(readFileSync(path, 'utf8')).toBe('other\n');
  });

  test('of a blocked file ends with 2 and writes nothing', async () => {
    const id = await uploaded('bad.txt', eicar());
    const path = join(scratch.path, 'out.bin');
    expect((await mdmft('download', id, '-o', path)).code).toBe(2);
    expect(existsSync(path)).toBe(false);
  });
});

describe('key', () => {
  test('create writes the key for the owner alone and shows it nowhere; list and extend', async () => {
    const file = join(scratch.path, 'new.key');
    const made = await mdmft('key', 'create', '--out', file, '--description', 'for ci', '--json');
    const key = readFileSync(file, 'utf8').trim();
    expect([made.code, statSync(file).mode & 0o777]).toEqual([0, 0o600]);
    expect(
      (await runCli('mdmft', ['version', '--api-key-file', file], { env: { MDMFT_URL: scanner.url } })).code,
    ).toBe(0);

    const list = await mdmft('key', 'list');
    expect(list.out).toContain('for ci');
    const listed = await mdmft('key', 'list', '--json');
    expect(listed.json()).toContainEqual(expect.objectContaining({ description: 'for ci', status: 'valid' }));

    const extended = await mdmft('key', 'extend', file, '--until', '2031-01-31');
    expect([extended.code, extended.out]).toEqual([0, expect.stringContaining('2031-01-31')]);
    for (const { out, err } of [made, list, listed, extended]) {
      expect(out + err).not.toContain(key);
      expect(out + err).not.toContain(scanner.apiKey);
    }
    const again = await mdmft('key', 'create', '--out', file);
    expect([again.code, again.err]).toEqual([1, expect.stringContaining('exists already')]);
  });

  test('a file with a key that others can read is warned about', async () => {
    const file = scratch.file('loose.key', `${scanner.apiKey}\n`, 0o644);
    const { code, err } = await runCli('mdmft', ['version', '--api-key-file', file], {
      env: { MDMFT_URL: scanner.url },
    });
    expect([code, err]).toEqual([0, expect.stringContaining('chmod 600')]);
  });
});

test('version shows both, --version only ours', async () => {
  expect((await mdmft('version')).out).toMatch(/^MetaDefender MFT \S+ \(mdmft \d/);
  expect((await mdmft('version', '--json')).json()).toEqual([
    { server: expect.any(String), mdmft: expect.any(String) },
  ]);
  expect((await mdmft('--version')).out).toMatch(/^\d+\.\d+\.\d+\n$/);
});

test('help names exit status and environment, and every subcommand has one', async () => {
  const { out, code } = await mdmft('--help');
  expect([code, out]).toEqual([0, expect.stringMatching(/Exit status.*MDMFT_API_KEY/s)]);
  for (const name of [
    'scan',
    'upload',
    'status',
    'wait',
    'download',
    'ls',
    'rm',
    'login',
    'logout',
    'version',
    'probe',
  ]) {
    expect(out).toMatch(new RegExp(`^ +${name}\\b`, 'm'));
    expect((await mdmft(name, '--help')).out).toContain('--api-key-file');
  }
});
