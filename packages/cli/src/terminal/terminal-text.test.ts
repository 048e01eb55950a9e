import fc from 'fast-check';
import { humanBytes, humanInstant, humanSpan } from './human';
import { tableLines } from './table';
import { cutToWidth, terminalLines, terminalText, terminalWidth } from './terminal-text';

test('no control character and no mark of direction reaches the terminal', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(terminalText(text)).not.toMatch(/[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069\u2028\u2029]/u);
      expect(terminalLines(text)).not.toMatch(/[^\n\t\P{Cc}]/u);
    }),
  );
  expect(terminalText('a\u001b]0;x\u0007b')).toBe('a\\u{1b}]0;x\\u{7}b');
  expect(terminalLines('one\r\ntwo\rthree\tfour\u001b[m')).toBe('one\ntwo\nthree\tfour\\u{1b}[m');
});

test('text is cut by columns, not by characters', () => {
  expect(cutToWidth('報告書.pdf', 6)).toBe('報告…');
  expect(terminalWidth('報e\u0301')).toBe(3);
});

test('a table lines up, escapes its cells and cuts the last column on a terminal', () => {
  expect(
    tableLines(
      ['ID', 'NAME'],
      [
        ['報', 'a\u001b'],
        ['long-id', 'x'.repeat(40)],
      ],
      30,
    ),
  ).toEqual(['ID       NAME', '報       a\\u{1b}', `long-id  ${'x'.repeat(20)}…`]);
});

test.each([
  [humanBytes(0), '0 B'],
  [humanBytes(1023), '1023 B'],
  [humanBytes(1536), '1.5 KB'],
  [humanBytes(200 * 1024 ** 2), '200 MB'],
  [humanSpan(999), '0s'],
  [humanSpan(75_000), '1m15s'],
  [humanSpan(3_723_000), '1h2m3s'],
  [humanInstant(0), '1970-01-01 00:00:00Z'],
  [humanInstant(undefined), '-'],
  [humanInstant(1e300), '-'],
])('%s', (text, expected) => {
  expect(text).toBe(expected);
});
