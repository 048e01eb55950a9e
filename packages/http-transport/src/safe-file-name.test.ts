import { join, relative, resolve } from 'node:path';
import fc from 'fast-check';
import { safeFileName, splitExtension } from './safe-file-name';

test.each([
  ['orders.edi', 'orders.edi'],
  ['../../etc/passwd', 'passwd'],
  ['C:\\in\\..\\Bestellung Größe.xml', 'Bestellung Größe.xml'],
  ['订单 二〇二五.xml', '订单 二〇二五.xml'],
  ['Gro\u0308ße.txt', 'Größe.txt'],
  ['/', 'unnamed'],
  ['', 'unnamed'],
  ['.', 'unnamed'],
  ['..', 'unnamed'],
  ['a/..', 'unnamed'],
  ['folder/', 'folder'],
  ['.htaccess', 'htaccess'],
  ['...bashrc', 'bashrc'],
  ['name. . ', 'name'],
  ['a\0b\r\nc.txt', 'abc.txt'],
  ['invoice\u202efdp.exe', 'invoicefdp.exe'],
  ['file.txt:stream', 'file.txt_stream'],
  ['what?<x>|*.txt', 'what__x___.txt'],
  ['CON', '_CON'],
  ['nul.txt', '_nul.txt'],
  ['com1 .log', '_com1 .log'],
  ['COM¹', '_COM¹'],
  ['console.log', 'console.log'],
  ['\ud800.txt', '\ufffd.txt'],
])('%j becomes %j', (name, safe) => {
  expect(safeFileName(name)).toBe(safe);
});

test('a long name is cut in front of its extension, between letters', () => {
  const safe = safeFileName(`${'单'.repeat(300)}.xml`);
  expect(safe).toBe(`${'单'.repeat(65)}.xml`);
  expect(Buffer.byteLength(safeFileName('x'.repeat(500)))).toBe(200);
  expect(safeFileName(`${'😀'.repeat(100)}.a`)).toBe(`${'😀'.repeat(49)}.a`);
});

const nasty = fc.string({
  unit: fc.oneof(
    fc.constantFrom(
      '/',
      '\\',
      '.',
      '..',
      ' ',
      '\0',
      '\u202e',
      ':',
      'CON',
      'nul',
      '\u0308',
      '\u00a0',
      '\ud800',
      '~',
      '\r',
      'é',
      '😀',
      '\u037e',
      '\u212a',
    ),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 3 }),
  ),
  maxLength: 300,
});

test('no name leaves its directory, and making it safe again changes nothing', () => {
  fc.assert(
    fc.property(nasty, (name) => {
      const safe = safeFileName(name);
      expect(safe).not.toMatch(/[/\\\0\p{Cc}\u202a-\u202e]/u);
      expect(['', '.', '..']).not.toContain(safe);
      expect(safe).not.toMatch(/^\.|[. ]$/);
      expect(Buffer.byteLength(safe)).toBeLessThanOrEqual(200);
      expect(safe.normalize('NFC')).toBe(safe);
      expect(safeFileName(safe)).toBe(safe);
      expect(relative('/in/box', resolve(join('/in/box', safe)))).toBe(safe);
    }),
    { numRuns: 5000 },
  );
});

test('a hostile row of dots and spaces takes no time worth noting', () => {
  const started = performance.now();
  safeFileName(`${'. '.repeat(500_000)}x${' .'.repeat(500_000)}y`);
  expect(performance.now() - started).toBeLessThan(10_000);
});

test('a name parts into stem and extension', () => {
  expect(splitExtension('orders.tar.gz')).toEqual(['orders.tar', '.gz']);
  expect(splitExtension('orders')).toEqual(['orders', '']);
  expect(splitExtension('orders.')).toEqual(['orders.', '']);
  expect(splitExtension(`a.${'b'.repeat(30)}`)).toEqual([`a.${'b'.repeat(30)}`, '']);
});
