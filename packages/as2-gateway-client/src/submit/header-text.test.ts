import fc from 'fast-check';
import { controlProblem, encodeWords, headerTextProblem, isPlainHeaderText } from './header-text';

describe('text for a header', () => {
  it.each(['a\r\nX-Evil: 1', 'a\nb', 'a\rb', 'a\0b', 'a\x7fb', 'a\x85b', 'a\tb', 'half \ud83d'])(
    'refuses %j',
    (text) => {
      expect(controlProblem(text)).toEqual(expect.any(String));
      expect(headerTextProblem(text)).toEqual(expect.any(String));
      expect(isPlainHeaderText(text)).toBe(false);
    },
  );

  it('takes Latin-1, refuses what is beyond', () => {
    expect(headerTextProblem('Größe.xml')).toBeUndefined();
    expect(headerTextProblem('订单.xml')).toMatch(/Latin-1/);
    expect(headerTextProblem(' a.xml')).toMatch(/space/);
    expect(isPlainHeaderText('Größe.xml')).toBe(false);
    expect(isPlainHeaderText('a b.xml')).toBe(true);
  });

  it('encodes words that decode to the text, each of 75 characters at most', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        fc.pre(controlProblem(text) === undefined);
        const words = encodeWords(text).split(' ');
        for (const word of words) expect(word.length).toBeLessThanOrEqual(75);
        const decoded = words
          .map((word) => Buffer.from(word.slice(10, -2), 'base64').toString('utf8'))
          .join('');
        expect(decoded).toBe(text);
      }),
    );
  });
});
