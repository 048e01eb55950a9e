import fc from 'fast-check';
import { parseTokenPair } from './token-pair';

describe('the answer of a login', () => {
  const text = fc.string({ minLength: 1 });

  it('gives the same tokens from both generations of names', () => {
    fc.assert(
      fc.property(text, fc.option(text, { nil: undefined }), (accessToken, refreshToken) => {
        const v1 = { api_token: accessToken, refresh_token: refreshToken };
        const v2 = { apiToken: accessToken, refreshToken };
        const expected = { accessToken, ...(refreshToken === undefined ? {} : { refreshToken }) };
        for (const answer of [v1, v2, { ...v1, ...v2 }]) expect(parseTokenPair(answer)).toEqual(expected);
      }),
    );
  });

  it.each([{}, { apiToken: '' }, { apiToken: 7 }, { refreshToken: 'r' }, null, 'token'])(
    'is not %j',
    (answer) => {
      expect(() => parseTokenPair(answer)).toThrow();
    },
  );

  it('does without a refresh token or an expiry that cannot be read', () => {
    expect(parseTokenPair({ apiToken: 't', refreshToken: 7, apiTokenExpiryIn: 'soon' })).toEqual({
      accessToken: 't',
    });
  });
});
