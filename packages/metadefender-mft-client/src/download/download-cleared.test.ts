import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { sample2021 } from '../../test/status-samples';
import { fileStatus } from '../schemas/file-status';
import { evaluateVerdict } from '../verdict/evaluate-verdict';
import type { Verdict } from '../verdict/verdict';
import { downloadCleared } from './download-cleared';

const content = Buffer.from('these bytes');
const wire = { ...sample2021(), size: content.length };
const verdict = evaluateVerdict(fileStatus.parse(wire));

let folder: string;
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'mdmft-'))));
afterEach(() => rm(folder, { recursive: true }));

/** A server whose status is one thing before the download and another after it. */
function fetch(given: Verdict, before: object, after: object, body = Readable.from([content])) {
  const answers = [before, after];
  return downloadCleared(
    given,
    join(folder, 'clean.pdf'),
    {},
    {
      status: async () => fileStatus.parse({ ...wire, ...answers.shift() }),
      download: async () => ({ body, status: 200, attempts: 1 }),
    },
  );
}

test('two equal clearing statuses around the download make the file appear', async () => {
  await writeFile(join(folder, 'clean.pdf'), 'an older one');
  await fetch(verdict, {}, {});
  expect(await readdir(folder)).toEqual(['clean.pdf']);
  expect(await readFile(join(folder, 'clean.pdf'))).toEqual(content);
});

test.each<[string, object, object]>([
  ['blocked in the meantime', { availability_state: 'Blocked' }, {}],
  ['blocked while it was fetched', {}, { availability_state: 'Blocked' }],
  ['scanned again while it was fetched', {}, { availability_state: 'BeingProcessed' }],
  ['sanitized while it was fetched', {}, { is_sanitized: true }],
  ['of another size by now', {}, { size: 12 }],
])('a file that is %s does not appear', async (_, before, after) => {
  await expect(fetch(verdict, before, after)).rejects.toMatchObject({ name: 'NotClearedError' });
  expect(await readdir(folder)).toEqual([]);
});

test('a file of another size than its verdict does not appear', async () => {
  await expect(fetch(verdict, {}, {}, Readable.from([content, content]))).rejects.toThrow(/sent 22 bytes/);
  expect(await readdir(folder)).toEqual([]);
});

test('a download that breaks off leaves nothing', async () => {
  const broken = Readable.from(
    (function* () {
      yield content.subarray(0, 3);
      throw new Error('cut');
    })(),
  );
  await expect(fetch(verdict, {}, {}, broken)).rejects.toThrow('cut');
  expect(await readdir(folder)).toEqual([]);
});

test('a verdict that does not clear is refused before anything is asked', async () => {
  const held = evaluateVerdict(fileStatus.parse({ ...wire, is_sanitized: null }));
  await expect(fetch(held, {}, {})).rejects.toThrow(/held, not cleared/);
});
