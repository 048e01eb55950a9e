import fc from 'fast-check';
import { messageDirectory } from './message-directory';

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
