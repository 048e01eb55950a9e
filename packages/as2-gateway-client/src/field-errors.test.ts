import { UnprocessableError } from '@mft-bridge/http-transport';
import fc from 'fast-check';
import { fieldErrors } from './field-errors';

function refused(body: unknown): UnprocessableError {
  return new UnprocessableError({
    message: 'refused',
    operation: 'partners.create',
    outcome: 'rejected',
    status: 422,
    method: 'POST',
    path: '/partner',
    headers: {},
    attempts: 1,
    body,
  });
}

describe('validation errors', () => {
  it('become a map, whatever the fields are called', () => {
    const reasons = fc.uniqueArray(fc.tuple(fc.string({ minLength: 1 }), fc.string()), {
      selector: ([field]) => field,
    });
    fc.assert(
      fc.property(reasons, (given) => {
        const errors = given.map(
          ([field, reason]) => Object.fromEntries([[field, reason]]) as Record<string, string>,
        );
        expect(fieldErrors(refused({ message: 'm', errors }))).toEqual(new Map(given));
      }),
    );
  });

  it.each([
    ['two reasons for one field', [{ a: 'x' }, { a: 'y' }], [['a', 'x; y']]],
    [
      'a map',
      { a: 'x', b: 'y' },
      [
        ['a', 'x'],
        ['b', 'y'],
      ],
    ],
    ['reasons in a list', [{ a: ['x', 'y'] }], [['a', 'x; y']]],
    ['texts alone', ['broken'], []],
    ['nothing', undefined, []],
    ['reasons of another kind', [{ a: 7 }], []],
  ])('reads %s', (_what, errors, expected) => {
    expect([...fieldErrors(refused({ errors }))]).toEqual(expected);
  });

  it('are none for other errors and bodies', () => {
    expect(fieldErrors(new Error('x')).size).toBe(0);
    expect(fieldErrors(refused('<html>')).size).toBe(0);
    expect(fieldErrors(undefined).size).toBe(0);
  });
});
