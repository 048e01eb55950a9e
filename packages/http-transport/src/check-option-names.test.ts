import { checkOptionNames } from './check-option-names';

const known = { expiresAfterMs: true, groupId: true, shareWith: true, signal: true } as const;
const check = (options: object): void =>
  checkOptionNames('uploads.uploadFile', options as never, known as never);

describe('names of options', () => {
  it.each([
    ['expiresAfter', 'expiresAfterMs'],
    ['expires_after_ms', 'expiresAfterMs'],
    ['GroupID', 'groupId'],
    ['sharedWith', 'shareWith'],
    ['signl', 'signal'],
  ])('%s is refused, and %s is named', (wrong, meant) => {
    expect(() => check({ [wrong]: 'CANARY' })).toThrow(
      expect.objectContaining({
        name: 'InvalidRequestError',
        outcome: 'not-sent',
        message: `uploads.uploadFile: there is no option "${wrong}", so it would have been ignored. Nothing was sent. Did you mean ${meant}?`,
        issues: [{ path: wrong, code: 'unknown_option' }],
      }),
    );
  });

  it('lists all where none is near', () => {
    expect(() => check({ colour: 1 })).toThrow(
      /The options are expiresAfterMs, groupId, shareWith, signal\./,
    );
  });

  it.each([{}, { signal: undefined, colour: undefined }, { groupId: 'x', shareWith: [] }])(
    'takes %j',
    (fine) => {
      expect(() => check(fine)).not.toThrow();
    },
  );

  it('does not take what every object inherits', () => {
    expect(() => check({ constructor: 1 })).toThrow(/no option "constructor"/);
    expect(() => check({ ['x'.repeat(100_000)]: 1 })).toThrow(/no option "x{1,60}/);
  });
});
