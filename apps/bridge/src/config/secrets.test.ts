import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSecretReader } from './secrets';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'secrets-test-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function write(name: string, content: string, mode = 0o600): void {
  writeFileSync(join(directory, name), content);
  chmodSync(join(directory, name), mode);
}

const read = async (reference: { env: string } | { file: string }, env = {}): Promise<string> =>
  (await createSecretReader(env, directory)(reference)).reveal();

test('from the environment and from a file beside the configuration, trimmed', async () => {
  write('key', '  s3cr3t\n');
  expect(await read({ env: 'KEY' }, { KEY: ' from-env ' })).toBe('from-env');
  expect(await read({ file: 'key' })).toBe('s3cr3t');
  expect(await read({ file: join(directory, 'key') })).toBe('s3cr3t');
});

test('a link to a file of the right mode is followed: secret stores mount them so', async () => {
  write('real', 's3cr3t', 0o400);
  symlinkSync(join(directory, 'real'), join(directory, 'link'));
  expect(await read({ file: 'link' })).toBe('s3cr3t');
});

test.each([0o640, 0o604, 0o620, 0o660, 0o777])(
  'a file of mode %o is refused, with the command that mends it',
  async (mode) => {
    write('key', 'canary', mode);
    const failure = read({ file: 'key' });
    await expect(failure).rejects.toThrow(/can be used by other users .*chmod 600 '.*key'/);
    await expect(failure).rejects.not.toThrow(/canary/);
  },
);

test.each<[string, () => { env: string } | { file: string }, RegExp]>([
  ['a variable that is not set', () => ({ env: 'NONE' }), /variable NONE is not set/],
  ['an empty variable', () => ({ env: 'EMPTY' }), /variable EMPTY is set but empty/],
  ['a missing file', () => ({ file: 'none' }), /none cannot be opened \(ENOENT\)/],
  ['an empty file', () => (write('key', ' \n'), { file: 'key' }), /key is empty/],
  ['a directory', () => (mkdirSync(join(directory, 'd')), { file: 'd' }), /d is not a regular file/],
  ['a huge file', () => (write('key', 'x'.repeat(70_000)), { file: 'key' }), /larger than 64 KiB/],
  ['a file of two lines', () => (write('key', 'canary\nsecond'), { file: 'key' }), /key holds a line break/],
])('%s is refused', async (_name, prepare, message) => {
  const failure = read(prepare(), { EMPTY: ' ' });
  await expect(failure).rejects.toThrow(message);
  await expect(failure).rejects.not.toThrow(/canary/);
});
