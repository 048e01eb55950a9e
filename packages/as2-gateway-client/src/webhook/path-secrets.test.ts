import fc from 'fast-check';
import { createPathCheck } from './path-secrets';

const secret = 'a'.repeat(43);
const other = 'b'.repeat(43);

describe('the secret of a webhook', () => {
  it.each([
    `/hooks/${secret}`,
    `/${secret}`,
    `/hooks/${secret}/`,
    `/hooks/${secret}?x=1`,
    `/hooks/${secret}/?x=/y`,
  ])('opens %s', (path) => {
    expect(createPathCheck([secret])(path)).toBe(true);
  });

  it.each([
    '',
    '/',
    '/hooks',
    `/hooks/${secret}x`,
    `/hooks/${secret.slice(1)}`,
    `/${secret}/x`,
    `/hooks?${secret}`,
  ])('does not open %s', (path) => {
    expect(createPathCheck([secret])(path)).toBe(false);
  });

  it('may be one of two while it is rotated', () => {
    const check = createPathCheck([secret, other]);
    expect([secret, other, 'c'.repeat(43)].map((each) => check(`/${each}`))).toEqual([true, true, false]);
  });

  it('opens for nothing else', () => {
    const check = createPathCheck([secret, other]);
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(check(`/hooks/${text}`)).toBe(false);
      }),
    );
  });

  it.each([[[]], [[secret, other, secret]], [['short']], [[`${secret}/x`]], [['ä'.repeat(30)]]])(
    'is not %j',
    (secrets) => {
      expect(() => createPathCheck(secrets)).toThrow(/randomBytes/);
    },
  );

  it('does not show itself in the refusal', () => {
    expect(() => createPathCheck([`${secret} `])).toThrow(expect.not.stringContaining(secret) as Error);
  });
});
