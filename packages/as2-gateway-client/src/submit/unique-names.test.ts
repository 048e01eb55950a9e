import fc from 'fast-check';
import { uniqueNames } from './unique-names';

describe('uniqueNames', () => {
  it('numbers what is repeated, before the extension', () => {
    expect(uniqueNames(['a.xml', 'b', 'a.xml', 'a.xml', 'b', '.env', '.env'])).toEqual([
      'a.xml',
      'b',
      'a (2).xml',
      'a (3).xml',
      'b (2)',
      '.env',
      '.env (2)',
    ]);
  });

  it('takes no name that another one has', () => {
    expect(uniqueNames(['a', 'a', 'a (2)'])).toEqual(['a', 'a (3)', 'a (2)']);
  });

  it('is unique, and leaves first uses alone', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', 'a (2)', 'a (3)', 'b.x', 'b (2).x')), (names) => {
        const unique = uniqueNames(names);
        expect(new Set(unique).size).toBe(names.length);
        names.forEach((name, index) => {
          if (names.indexOf(name) === index) expect(unique[index]).toBe(name);
        });
      }),
    );
  });
});
