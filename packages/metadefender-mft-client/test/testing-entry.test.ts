import { assertCleared, evaluateVerdict } from '../src/index';
import { buildFileStatus, buildStatusAnswer, buildVerdict, startTestScanner } from '../src/testing';

test.each([
  ['cleared', 'cleared', []],
  ['sanitized', 'cleared', []],
  ['blocked', 'blocked', ['blocked']],
  ['pending', 'pending', ['processing']],
  ['locked', 'pending', ['locked-until']],
  ['failed', 'held', ['processing-failed']],
  ['unapproved', 'held', ['not-downloadable', 'approval-unknown']],
] as const)('a status "%s" is %s', (kind, status, codes) => {
  const verdict = buildVerdict(kind);
  expect(verdict.status).toBe(status);
  expect(verdict.reasons.map(({ code }) => code).sort()).toEqual([...codes].sort());
});

test('a block that a person lifted is held, and says so', () => {
  const codes = buildVerdict('overridden').reasons.map(({ code }) => code);
  expect(buildVerdict('overridden').status).toBe('held');
  expect(codes).toContain('overridden');
});

test('parts take the place of what a builder says', () => {
  expect(buildStatusAnswer('cleared', { size: 7 })['size']).toBe(7);
  expect(buildFileStatus('cleared', { file_id: 'abc', name: 'x' })).toMatchObject({
    fileId: 'abc',
    name: 'x',
  });
  expect(evaluateVerdict(buildFileStatus('cleared', { is_locked: true })).status).toBe('held');
});

test("a scanner for somebody's own tests starts, obeys, lets time pass, and is gone", async () => {
  const test = await startTestScanner({ sandbox: { scanTimeMs: 60_000 } });
  test.sandbox.script('*.exe', { verdict: 'blocked', reason: 'Infected' });
  const { fileId } = await test.md.uploads.uploadFile(Buffer.from('x'), { fileName: 'a.exe' });
  const good = await test.md.uploads.uploadFile(Buffer.from('y'), { fileName: 'a.txt' });
  expect(evaluateVerdict(await test.md.files.status(fileId)).status).toBe('pending');
  test.advance(61_000);
  expect(evaluateVerdict(await test.md.files.status(fileId)).status).toBe('blocked');
  assertCleared(await test.connect().files.waitForVerdict(good.fileId));
  await test.close();
  await expect(test.md.version()).rejects.toMatchObject({ name: 'AbortedError' });
});
