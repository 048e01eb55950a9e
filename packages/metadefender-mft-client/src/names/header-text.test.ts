import fc from 'fast-check';
import { asciiFileName } from './ascii-file-name';
import { headerText, headerTextProblem } from './header-text';

test.each(['invoice.pdf', 'a b (1).txt', "~!@#$%^&'"])('%s travels as it is', (name) => {
  expect(headerTextProblem(name, 'ascii', 'file name')).toBeUndefined();
  expect(headerText(name, 'ascii')).toBe(name);
});

test('what is not printable ASCII is refused, and the sentence names the ways out', () => {
  const problem = headerTextProblem('Übersicht 报告.pdf', 'ascii', 'file name');
  expect(problem).toContain('asciiFileName');
  expect(problem).toContain('fileNames');
  // Longer sentences are cut in the text of an error.
  expect(headerTextProblem('Ü', 'ascii', 'share_with entry')?.length).toBeLessThanOrEqual(100);
});

test.each(['a\r\nb', 'a\tb', 'a\u0000', '\u007f'])(
  'no encoding carries the control character in %j',
  (name) => {
    for (const encoding of ['ascii', 'percent', 'utf8-latin1'] as const) {
      expect(headerTextProblem(name, encoding, 'file name')).toContain('control character');
    }
  },
);

test('a space at either end is refused, since HTTP would drop it', () => {
  expect(headerTextProblem(' a', 'ascii', 'file name')).toContain('space');
  expect(headerTextProblem('a ', 'utf8-latin1', 'file name')).toContain('space');
  expect(headerTextProblem('a ', 'percent', 'file name')).toBeUndefined();
});

test('both encodings can be read back, whatever the name', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (name) => {
      if (headerTextProblem(name, 'percent', 'file name') === undefined) {
        const wire = headerText(name, 'percent');
        expect(wire).toMatch(/^[\x21-\x7e]*$/);
        expect(decodeURIComponent(wire)).toBe(name);
      }
      if (headerTextProblem(name, 'utf8-latin1', 'file name') === undefined) {
        const wire = headerText(name, 'utf8-latin1');
        expect(wire).toMatch(/^[\x20-\x7e\x80-\xff]*$/);
        expect(Buffer.from(wire, 'latin1').toString('utf8')).toBe(name);
      }
    }),
  );
});

test('half a surrogate pair is refused', () => {
  expect(headerTextProblem('a\ud800b', 'percent', 'file name')).toContain('well-formed');
});

test.each([
  ['Müller Übersicht.pdf', 'Muller Ubersicht.pdf'],
  ['Straße.txt', 'Strasse.txt'],
  ['报告.pdf', 'file.pdf'],
  ['../../etc/passwd', '.._.._etc_passwd'],
  ['C:\\x\\y.txt', 'C_x_y.txt'],
  ['a\r\nb.txt', 'a_b.txt'],
  ['', 'file'],
  ['...', 'file'],
])('%j becomes %j', (name, ascii) => {
  expect(asciiFileName(name)).toBe(ascii);
});

test('an ASCII name can always travel, and keeps a short ASCII extension', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 400 }),
      fc.stringMatching(/^[a-z]{1,5}$/),
      (stem, extension) => {
        const made = asciiFileName(`${stem}.${extension}`);
        expect(headerTextProblem(made, 'ascii', 'file name')).toBeUndefined();
        expect(made.length).toBeGreaterThan(0);
        expect(made.length).toBeLessThanOrEqual(255);
        expect(made.endsWith(`.${extension}`)).toBe(true);
        expect(made).not.toMatch(/[/\\]/);
      },
    ),
  );
});
