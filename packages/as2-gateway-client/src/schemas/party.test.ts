import fc from 'fast-check';
import { parseParties, parsePartyReceipt } from './party';

const party = fc.record({
  identifier: fc.string({ minLength: 1 }),
  name: fc.option(fc.string(), { nil: undefined }),
});

describe('a list of stations or partners', () => {
  it('reads the same from both generations of names, and from a bare array', () => {
    fc.assert(
      fc.property(fc.array(party), fc.constantFrom('stations' as const, 'partners' as const), (list, key) => {
        const v1 = list.map(({ identifier, name }) => ({ as2Identifier: identifier, name }));
        const expected = list.map(({ identifier, name }) => ({
          identifier,
          ...(name === undefined ? {} : { name }),
        }));
        for (const answer of [{ [key]: list }, { [key]: v1 }, list, v1]) {
          const read = parseParties(key, answer).map(({ identifier, name }) => ({
            identifier,
            ...(name === undefined ? {} : { name }),
          }));
          expect(read).toEqual(expected);
        }
      }),
    );
  });

  it('keeps what it does not know', () => {
    expect(parseParties('partners', [{ identifier: 'ACME', url: 'https://x' }])[0]?.raw['url']).toBe(
      'https://x',
    );
  });

  it.each([[{ stations: [] }], [[{ name: 'no identifier' }]], [[{ identifier: '' }]], ['ACME']])(
    'is not %j',
    (answer) => {
      expect(() => parseParties('partners', answer)).toThrow();
    },
  );
});

describe('the receipt of a change', () => {
  it.each([
    [
      { message: 'ok', stationId: 7 },
      { id: '7', message: 'ok' },
    ],
    [
      { message: 'ok', partnerId: '159592985268293701' },
      { id: '159592985268293701', message: 'ok' },
    ],
    [{ identifier: 'ACME' }, {}],
    [undefined, {}],
    ['done', {}],
  ])('reads %j', (answer, expected) => {
    const { raw, ...rest } = parsePartyReceipt(answer);
    expect(rest).toEqual(expected);
    expect(raw).toEqual(typeof answer === 'object' ? answer : {});
  });
});
