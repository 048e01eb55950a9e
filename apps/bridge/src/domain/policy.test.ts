import fc from 'fast-check';
import type { Evidence } from './evidence';
import type { Weighed } from './policy';
import { decide, defaultPolicy } from './policy';
import { reason } from './reason';

const evidence = (conclusion: Evidence['conclusion']): Evidence => ({
  conclusion,
  grade: 'upload-chain',
  bytes: conclusion === 'cleared' || conclusion === 'cleared-sanitized' ? { size: 1, sha256: 'ab' } : null,
  reasons:
    conclusion === 'blocked'
      ? [reason('scanner-blocked')]
      : conclusion === 'held'
        ? [reason('scanner-held')]
        : [],
  scannerFileId: 'f',
});
const one = (id: string, conclusion: Evidence['conclusion'], media: Weighed['media'] = 'image'): Weighed => ({
  attachmentId: id,
  media,
  evidence: evidence(conclusion),
});

describe('decide', () => {
  test.each([
    ['cleared alone', [one('a', 'cleared')], ['forward']],
    ['sanitized image', [one('a', 'cleared-sanitized', 'image')], ['forward-sanitized']],
    ['sanitized document', [one('a', 'cleared-sanitized', 'document')], ['forward-sanitized']],
    ['sanitized EDI breaks totals', [one('a', 'cleared-sanitized', 'edi')], ['hold']],
    ['sanitized XML', [one('a', 'cleared-sanitized', 'xml')], ['hold']],
    ['sanitized CSV', [one('a', 'cleared-sanitized', 'csv')], ['hold']],
    ['sanitized signed file', [one('a', 'cleared-sanitized', 'signed')], ['hold']],
    ['blocked', [one('a', 'blocked')], ['quarantine']],
    ['held', [one('a', 'held')], ['hold']],
    ['one blocked beside cleared', [one('a', 'cleared'), one('b', 'blocked')], ['quarantine', 'quarantine']],
    ['one held beside cleared', [one('a', 'cleared'), one('b', 'held')], ['hold', 'hold']],
    ['blocked wins over held', [one('a', 'held'), one('b', 'blocked')], ['quarantine', 'quarantine']],
    [
      'unforwardable sanitized holds all',
      [one('a', 'cleared'), one('b', 'cleared-sanitized', 'edi')],
      ['hold', 'hold'],
    ],
  ] as const)('%s', (_name, attachments, verdicts) => {
    expect(decide(attachments, defaultPolicy).map(({ verdict }) => verdict)).toEqual(verdicts);
  });

  test('a sibling says why it does not travel', () => {
    const [first] = decide([one('a', 'cleared'), one('b', 'blocked')], defaultPolicy);
    expect(first?.reasons.map(({ code }) => code)).toEqual(['sibling-blocked']);
  });

  test('nothing of a message is forwarded unless all of it is cleared', () => {
    const conclusion = fc.constantFrom('cleared', 'cleared-sanitized', 'blocked', 'held' as const);
    const media = fc.constantFrom('image', 'document', 'edi', 'xml', 'other' as const);
    fc.assert(
      fc.property(fc.array(fc.tuple(conclusion, media), { minLength: 1, maxLength: 6 }), (drawn) => {
        const attachments = drawn.map(([said, kind], index) => one(String(index), said, kind));
        const decisions = decide(attachments, defaultPolicy);
        const forwarded = decisions.filter(({ verdict }) => verdict.startsWith('forward'));
        if (forwarded.length === 0) return;
        expect(forwarded).toHaveLength(attachments.length);
        expect(drawn.every(([said]) => said === 'cleared' || said === 'cleared-sanitized')).toBe(true);
      }),
    );
  });
});
