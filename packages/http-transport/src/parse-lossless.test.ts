import fc from 'fast-check';
import { parseLossless } from './parse-lossless';

describe('parseLossless', () => {
  it('keeps a 64-bit id exact, as text', () => {
    expect(parseLossless('{"id":159592985268293701,"n":[-9223372036854775808]}')).toEqual({
      id: '159592985268293701',
      n: ['-9223372036854775808'],
    });
  });

  it('leaves safe integers, fractions and exponents numbers', () => {
    expect(parseLossless('[9007199254740991, 1.2345678901234567890, 1e300, 0.00000000000000001]')).toEqual([
      9007199254740991, 1.2345678901234567, 1e300, 1e-17,
    ]);
  });

  it('changes no text, whatever digits and quotes it holds', () => {
    const digits = fc.bigInt({ min: 10n ** 15n, max: 10n ** 30n }).map(String);
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string({ unit: 'binary' }), digits)), digits, (texts, key) => {
        const value = { texts, [`"${key}\\`]: texts };
        expect(parseLossless(JSON.stringify(value))).toEqual(value);
      }),
    );
  });

  it('gives what JSON.parse gives wherever no number is too large', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        const text = JSON.stringify(value);
        if (/\d{16}/.test(text.replace(/\.\d+/g, ''))) return;
        expect(parseLossless(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  it('refuses what is no JSON', () => {
    expect(() => parseLossless('<html>12345678901234567890</html>')).toThrow(SyntaxError);
  });
});

it('is JSON.parse for everything but long integers, whatever the strings hold', () => {
  const text = fc.oneof(
    fc.string(),
    fc.stringMatching(/^[\\"0-9a-z]{0,40}$/),
    fc.constant('1234567890123456789'),
  );
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      text,
      fc.integer(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(text, tie('value'), { maxKeys: 4 }),
    ),
  }));
  const unsafe = /(?<![\d.eE+-])-?\d{16,}(?![\d.eE])/;
  fc.assert(
    fc.property(value, (any) => {
      const json = JSON.stringify(any);
      fc.pre(!unsafe.test(json.replace(/"(?:[^"\\]|\\.)*"/g, '""')));
      expect(parseLossless(json)).toEqual(JSON.parse(json));
    }),
    { numRuns: 300 },
  );
});

it.each(['"', '"\\', '1234567890123456 "\\"', '{"a":12345678901234567890', '1234567890123456"'])(
  'refuses %j',
  (text) => {
    expect(() => parseLossless(text)).toThrow(SyntaxError);
  },
);

it('takes a long string with many escapes', () => {
  const text = `["1234567890123456789",12345678901234567890,"${'\\n\\"'.repeat(1_000_000)}"]`;
  expect(parseLossless(text)).toMatchObject([
    '1234567890123456789',
    '12345678901234567890',
    expect.any(String),
  ]);
});
