import fc from 'fast-check';
import { messageDirectory } from './message-directory';
import { safeFileName } from './safe-file-name';

test.each([
  ['orders.edi', 'orders.edi'],
  ['../../etc/passwd', 'passwd'],
  ['C:\\in\\Bestellung Größe.xml', 'Bestellung Größe.xml'],
  ['..', 'unnamed'],
  ['', 'unnamed'],
  ['.bashrc', 'bashrc'],
  ['a\u001b[2Jb\u0000.txt', 'a[2Jb.txt'],
  ['invoice\u202efdp.exe', 'invoicefdp.exe'],
  ['con.txt', '_con.txt'],
  ['a:b|c?.txt', 'a_b_c_.txt'],
  ['name. . ', 'name'],
])('%j becomes %j', (name, safe) => {
  expect(safeFileName(name)).toBe(safe);
});

test('whatever the name, it is one visible segment that stays the same when done again', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (name) => {
      const safe = safeFileName(name);
      expect(safe).not.toMatch(/[/\\\p{Cc}\u202e<>:"|?*]/u);
      expect(['', '.', '..']).not.toContain(safe);
      expect(safe.startsWith('.')).toBe(false);
      expect(Buffer.byteLength(safe)).toBeLessThanOrEqual(201);
      expect(safeFileName(safe)).toBe(safe);
    }),
  );
});

test('a long name keeps its extension', () => {
  expect(safeFileName(`${'x'.repeat(500)}.edi`)).toMatch(/^x{196}\.edi$/);
});

test('two message ids never share a directory', () => {
  expect(messageDirectory('<4711@acme.example>')).toBe('4711@acme.example');
  const twins = ['<a/b@x>', '<b@x>', '<a_b@x>', 'b@x', '<B@x>', '<../b@x>', '<b@x >', '<b@x.>', '<.b@x>'];
  const names = twins.map((id) => messageDirectory(id).toLowerCase());
  expect(new Set(names).size).toBe(twins.length);
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (one, other) => {
      if (one === other) return;
      expect(messageDirectory(`<${one}>`)).not.toBe(messageDirectory(`<${other}>`));
    }),
  );
});
