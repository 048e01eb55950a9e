import { inspect } from 'node:util';
import { ApiError, brandError, hasBrand, isApiError, isMftBridgeError, MftBridgeError } from '../src/index';

class QuotaError extends MftBridgeError {
  static {
    brandError(this, 'QuotaError');
  }
}

it("a client's own class is known by its brand and by those above it, and by its name", () => {
  const error = new QuotaError({ message: 'too much', operation: 'a.b', outcome: 'rejected' });
  expect(hasBrand(error, 'QuotaError') && isMftBridgeError(error)).toBe(true);
  expect(isApiError(error)).toBe(false);
  expect(
    hasBrand(new MftBridgeError({ message: 'm', operation: 'o', outcome: 'unknown' }), 'QuotaError'),
  ).toBe(false);
  expect(error.stack).toMatch(/^QuotaError: too much/);
  expect(JSON.parse(JSON.stringify(error))).toEqual({
    name: 'QuotaError',
    message: 'too much',
    operation: 'a.b',
    outcome: 'rejected',
  });
  expect(Object.keys(error)).not.toContain('name');
});

it.each([undefined, null, 'QuotaError', 42, {}, { [Symbol.for('@mft-bridge/error')]: 'QuotaError' }])(
  '%p has no brand',
  (value) => {
    expect(hasBrand(value, 'QuotaError')).toBe(false);
  },
);

it('key is another name of code, and is not printed a second time', () => {
  const error = new ApiError({
    message: 'm',
    operation: 'o',
    outcome: 'rejected',
    status: 418,
    code: 'TEAPOT',
    method: 'GET',
    path: '/',
    headers: {},
    attempts: 1,
  });
  expect(error.key).toBe('TEAPOT');
  expect(inspect(error)).not.toContain('key:');
});
