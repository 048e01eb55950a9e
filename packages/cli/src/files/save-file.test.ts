import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { saveFile } from './save-file';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'save-file-test-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const bytes = (...texts: string[]): Buffer[] => texts.map((text) => Buffer.from(text));

test('writes all pieces, with the mode asked for, into directories that it makes', async () => {
  const path = join(directory, 'a', 'b', 'key');
  expect(await saveFile(path, bytes('one', 'two'), { force: false, mode: 0o600 })).toBe(6);
  expect(readFileSync(path, 'utf8')).toBe('onetwo');
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test('leaves an existing file as it is, and reads nothing for it', async () => {
  const path = join(directory, 'a');
  writeFileSync(path, 'mine');
  let read = false;
  const content = (function* () {
    read = true;
    yield Buffer.from('theirs');
  })();
  await expect(saveFile(path, content, { force: false })).rejects.toThrow('exists already');
  expect([readFileSync(path, 'utf8'), read]).toEqual(['mine', false]);
  await saveFile(path, bytes('theirs'), { force: true });
  expect(readFileSync(path, 'utf8')).toBe('theirs');
});

test('a file that comes into being meanwhile wins', async () => {
  const path = join(directory, 'a');
  const content = (function* () {
    yield Buffer.from('theirs');
    writeFileSync(path, 'mine');
  })();
  await expect(saveFile(path, content, { force: false })).rejects.toThrow('exists already');
  expect(readFileSync(path, 'utf8')).toBe('mine');
  expect(readdirSync(directory)).toEqual(['a']);
});

test('content that breaks off leaves nothing', async () => {
  const content = (function* () {
    yield Buffer.from('half');
    throw new Error('cut');
  })();
  await expect(saveFile(join(directory, 'a'), content, { force: false })).rejects.toThrow('cut');
  expect(readdirSync(directory)).toEqual([]);
});
