import fc from 'fast-check';
import { formatTable } from './table';
import { cutToWidth, terminalText, terminalWidth } from './terminal-text';

test('a name from outside cannot move the cursor, hide a row or turn the direction', () => {
  expect(terminalText('a\u001b[2Jb\r\nc\u0007')).toBe('a\\u{1b}[2Jb\\u{d}\\u{a}c\\u{7}');
  expect(terminalText('invoice\u202efdp.exe')).toBe('invoice\\u{202e}fdp.exe');
  expect(terminalText('\u009b31m')).toBe('\\u{9b}31m');
  expect(terminalText('Größe 文件 😀.pdf')).toBe('Größe 文件 😀.pdf');
});

test('no control character passes, whatever the text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(terminalText(text)).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u);
    }),
  );
});

test('wide characters take two columns, combining ones none', () => {
  expect(['abc', '文件', 'e\u0301', '😀', ''].map(terminalWidth)).toEqual([3, 4, 1, 2, 0]);
  expect(cutToWidth('文件文件', 5)).toBe('文件…');
  expect(cutToWidth('文件', 4)).toBe('文件');
});

test('columns line up; only on a terminal is the last one cut', () => {
  const rows = [
    ['文件', 'held', 'a reason that is long'],
    ['x', 'forwarded', ''],
  ];
  expect(formatTable(['ID', 'STATE', 'WHY'], rows)).toEqual([
    'ID    STATE      WHY',
    '文件  held       a reason that is long',
    'x     forwarded',
  ]);
  expect(formatTable(['ID', 'STATE', 'WHY'], rows, { width: 34 })[1]).toBe(
    '文件  held       a reason that is…',
  );
});
