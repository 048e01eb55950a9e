import fc from 'fast-check';
import { parseTokenPair } from '../schemas/token-pair';
import { tokenExpiry } from './token-expiry';

const now = Date.UTC(2026, 0, 1);

function jwt(claims: object): string {
  return `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.c2ln`;
}

describe('the end of a token', () => {
  it.each([
    ['seconds', 3600, 3600_000],
    ['a day in seconds', 86_400, 86_400_000],
    ['milliseconds', 3_600_000, 3600_000],
    ['a date in seconds', now / 1000 + 60, 60_000],
    ['a date in milliseconds', now + 60_000, 60_000],
  ])('is read as %s', (_unit, expiry, lifetime) => {
    expect(tokenExpiry({ accessToken: 'opaque', expiry }, now)).toBe(now + lifetime);
  });

  it('comes from the claims without an answer, free of the difference of clocks', () => {
    const ahead = now / 1000 + 5 * 3600;
    expect(tokenExpiry({ accessToken: jwt({ iat: ahead, exp: ahead + 1800 }) }, now)).toBe(now + 1800_000);
    expect(tokenExpiry({ accessToken: jwt({ exp: now / 1000 + 60 }) }, now)).toBe(now + 60_000);
  });

  it.each([['opaque'], [jwt({ exp: 1 })], [jwt({ exp: 'soon' })], ['a.b.c'], ['..'], [jwt([])]])(
    'is 50 minutes from now for %p',
    (accessToken) => {
      expect(tokenExpiry({ accessToken }, now)).toBe(now + 50 * 60_000);
    },
  );

  it('is always in the future', () => {
    const claim = fc.oneof(fc.double(), fc.string(), fc.constant(undefined));
    fc.assert(
      fc.property(
        fc.option(fc.double({ min: Number.MIN_VALUE, noNaN: true })),
        claim,
        claim,
        (expiry, iat, exp) => {
          const pair = { accessToken: jwt({ iat, exp }), ...(expiry === null ? {} : { expiry }) };
          expect(tokenExpiry(pair, now)).toBeGreaterThanOrEqual(now);
        },
      ),
    );
  });
});

describe('a pair of tokens', () => {
  it.each([
    [
      { apiToken: 'a', refreshToken: 'r', apiTokenExpiryIn: 3600 },
      { accessToken: 'a', refreshToken: 'r', expiry: 3600 },
    ],
    [
      { api_token: 'a', refresh_token: 'r' },
      { accessToken: 'a', refreshToken: 'r' },
    ],
    [
      { apiToken: 'a', apiTokenExpiryIn: '3600' },
      { accessToken: 'a', expiry: 3600 },
    ],
    [{ apiToken: 'a', apiTokenExpiryIn: 'soon' }, { accessToken: 'a' }],
  ])('is read from %j', (answer, pair) => {
    expect(parseTokenPair(answer)).toEqual(pair);
  });

  it.each([{}, { apiToken: '' }, { apiToken: 7 }, null, 'token'])('is refused: %j', (answer) => {
    expect(() => parseTokenPair(answer)).toThrow();
  });
});
