import fc from 'fast-check';
import { canonicalJson } from './canonical-json';

test('keys are sorted at every depth and undefined members are left out', () => {
  expect(canonicalJson({ b: [{ z: 1, a: undefined, y: null }], a: 'ü"\n' })).toBe(
    '{"a":"ü\\"\\n","b":[{"y":null,"z":1}]}',
  );
});

test('keys that look like numbers are sorted as text', () => {
  expect(canonicalJson({ 10: 'ten', 9: 'nine', a: 0 })).toBe('{"10":"ten","9":"nine","a":0}');
});

test('means the same as JSON, and is the same text for any order of keys', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const plain = JSON.parse(JSON.stringify(value)) as unknown;
      const text = canonicalJson(plain);
      expect(JSON.parse(text)).toEqual(plain);
      expect(canonicalJson(reversed(plain))).toBe(text);
    }),
  );
});

test.each([NaN, Infinity, () => 1, 1n, Symbol('s'), { deep: [NaN] }, [undefined]])(
  'refuses what JSON cannot carry: %p',
  (value) => {
    expect(() => canonicalJson(value)).toThrow(TypeError);
  },
);

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, member]) => [key, reversed(member)]),
  );
}
