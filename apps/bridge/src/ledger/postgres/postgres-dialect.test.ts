import fc from 'fast-check';
import pg from 'pg';
import { encodeParameter, valueTypes } from './postgres-dialect';

const decode = valueTypes.getTypeParser(pg.types.builtins.TEXT) as (text: string) => string;
const text = fc.string({
  unit: fc.oneof(fc.constantFrom('\u0000', '\u0001', '\u0002', '\u0003', 'a'), fc.string({ unit: 'binary' })),
  maxLength: 6,
});
const encoded = (value: string): string => String(encodeParameter(value));
const bytes = (value: string): Buffer => Buffer.from(value, 'utf8');

describe('text as PostgreSQL holds it', () => {
  test('comes back as it was, without the character that it cannot hold', () => {
    fc.assert(
      fc.property(text, (value) => {
        expect(decode(encoded(value))).toBe(value);
        expect(encoded(value)).not.toContain('\u0000');
      }),
      { numRuns: 2_000 },
    );
  });

  test('keeps the order of its bytes', () => {
    fc.assert(
      fc.property(text, text, (one, other) => {
        expect(Buffer.compare(bytes(encoded(one)), bytes(encoded(other)))).toBe(
          Buffer.compare(bytes(one), bytes(other)),
        );
      }),
      { numRuns: 5_000 },
    );
  });

  test.each([
    ['\u0000', '\u0001\u0001'],
    ['\u0001', '\u0001\u0002'],
    ['\u0001\u0002', '\u0001\u0002\u0002'],
    ['\u0010', '\u0010'],
    ['plain', 'plain'],
  ])('%j stands as %j', (value, expected) => {
    expect(encodeParameter(value)).toBe(expected);
  });
});
