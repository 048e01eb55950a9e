import fc from 'fast-check';
import type { EvidenceFacts } from './evidence';
import { weigh } from './evidence';

const sha = (letter: string): string => letter.repeat(64);
const good: EvidenceFacts = {
  custody: { size: 10, sha256: sha('a') },
  opened: { fileId: 'f1', name: 'x.pdf' },
  uploaded: { size: 10, sha256: sha('a') },
  verdict: { status: 'cleared', sanitized: false, fileId: 'f1', name: 'x.pdf', size: 10, details: [] },
  sanitized: null,
  readBack: null,
};
const sanitized: EvidenceFacts = {
  ...good,
  verdict: { ...good.verdict, sanitized: true, size: 7 },
  sanitized: { size: 7, sha256: sha('b') },
};

describe('weigh', () => {
  test('clears the original bytes, by the upload chain', () => {
    expect(weigh(good)).toEqual({
      conclusion: 'cleared',
      grade: 'upload-chain',
      bytes: { size: 10, sha256: sha('a') },
      reasons: [],
      scannerFileId: 'f1',
    });
  });
  test('a file that was read back has the better grade', () => {
    expect(weigh({ ...good, readBack: sha('a') })).toMatchObject({
      conclusion: 'cleared',
      grade: 'read-back',
    });
  });
  test('clears the sanitized bytes, not the original ones', () => {
    expect(weigh(sanitized)).toMatchObject({
      conclusion: 'cleared-sanitized',
      bytes: { size: 7, sha256: sha('b') },
    });
  });

  test.each<[string, EvidenceFacts, string]>([
    ['never opened by us', { ...good, opened: { fileId: null, name: 'x.pdf' } }, 'another file id'],
    ['status of another file', { ...good, verdict: { ...good.verdict, fileId: 'f2' } }, 'another file id'],
    ['upload not completed', { ...good, uploaded: null }, 'not completed'],
    ['other bytes uploaded', { ...good, uploaded: { size: 10, sha256: sha('c') } }, 'other bytes'],
    ['other length uploaded', { ...good, uploaded: { size: 9, sha256: sha('a') } }, 'other bytes'],
    ['renamed at the scanner', { ...good, verdict: { ...good.verdict, name: 'x-Copy(1).pdf' } }, 'file name'],
    ['no name', { ...good, verdict: { ...good.verdict, name: null } }, 'file name'],
    ['other size', { ...good, verdict: { ...good.verdict, size: 11 } }, 'another size'],
    ['no size', { ...good, verdict: { ...good.verdict, size: null } }, 'another size'],
    ['read back differs', { ...good, readBack: sha('d') }, 'another hash'],
    ['sanitized but not downloaded', { ...sanitized, sanitized: null }, 'not in custody'],
    [
      'sanitized to nothing',
      { ...sanitized, sanitized: { size: 0, sha256: sha('e') }, verdict: { ...sanitized.verdict, size: 0 } },
      'empty',
    ],
    ['sanitized size differs', { ...sanitized, verdict: { ...sanitized.verdict, size: 8 } }, 'another size'],
    [
      'sanitized bytes nobody announced',
      { ...good, sanitized: { size: 10, sha256: sha('b') } },
      'without a status',
    ],
  ])('holds: %s', (_name, facts, why) => {
    const evidence = weigh(facts);
    expect(evidence).toMatchObject({ conclusion: 'held', bytes: null });
    expect(evidence.reasons[0]).toMatchObject({ code: 'evidence-mismatch' });
    expect(evidence.reasons[0]?.text).toContain(why);
  });

  test('blocked needs no binding', () => {
    const facts = {
      ...good,
      uploaded: null,
      verdict: { ...good.verdict, status: 'blocked' as const, details: ['Infected'] },
    };
    expect(weigh(facts)).toMatchObject({ conclusion: 'blocked', bytes: null });
  });

  test('no mutation of the facts clears bytes that are not bound to a clearing verdict', () => {
    const print = fc.record({ size: fc.integer({ min: 0, max: 3 }), sha256: fc.constantFrom('a', 'b') });
    const facts = fc.record({
      custody: print,
      opened: fc.record({ fileId: fc.constantFrom('f', 'g', null), name: fc.constantFrom('n', 'm') }),
      uploaded: fc.option(print),
      verdict: fc.record({
        status: fc.constantFrom('cleared', 'blocked', 'held' as const),
        sanitized: fc.boolean(),
        fileId: fc.constantFrom('f', 'g'),
        name: fc.constantFrom('n', 'm', null),
        size: fc.constantFrom(0, 1, 2, 3, null),
        details: fc.constant([]),
      }),
      sanitized: fc.option(print),
      readBack: fc.constantFrom('a', 'b', null),
    });
    fc.assert(
      fc.property(facts, (drawn) => {
        const { conclusion, bytes } = weigh(drawn);
        if (bytes === null) return;
        expect(drawn.verdict.status).toBe('cleared');
        expect(drawn.opened.fileId).toBe(drawn.verdict.fileId);
        expect(drawn.opened.name).toBe(drawn.verdict.name);
        expect(drawn.uploaded).toEqual(drawn.custody);
        expect(drawn.verdict.size).toBe(bytes.size);
        expect(bytes).toEqual(conclusion === 'cleared' ? drawn.custody : drawn.sanitized);
        expect(conclusion === 'cleared-sanitized').toBe(drawn.verdict.sanitized);
      }),
      { numRuns: 5_000 },
    );
  });
});
