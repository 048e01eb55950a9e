import { newStationSchema } from './new-station';

const station = {
  identifier: 'HUB',
  name: 'Hub',
  email: 'ops@example.com',
  certificate: { type: 'FROM_CERTIFICATE_STORE', alias: 'hub' },
};
const selfSigned = {
  type: 'NEW_SELF_SIGN_CERTIFICATE',
  commonName: 'hub',
  password: 'p',
  keyLength: 2048,
  validity: 2,
};

describe('a new station', () => {
  it.each([
    ['one address', 'a@b.c', 'a@b.c'],
    ['a list in a text', 'a@b.c, d@e.f', 'a@b.c,d@e.f'],
    ['a list', ['a@b.c', 'd@e.f', 'g@h.i'], 'a@b.c,d@e.f,g@h.i'],
  ])('sends %s as one text', (_what, email, expected) => {
    expect(newStationSchema.parse({ ...station, email }).email).toBe(expected);
  });

  it.each([
    ['four addresses', { email: ['a@b.c', 'a@b.d', 'a@b.e', 'a@b.f'] }],
    ['no address', { email: [] }],
    ['something else as an address', { email: 'ops' }],
    ['a key of 512 bits', { certificate: { ...selfSigned, keyLength: 512 } }],
    ['three years', { certificate: { ...selfSigned, validity: 3 } }],
    ['two kinds of certificate at once', { certificate: { ...selfSigned, alias: 'hub' } }],
    ['a country in full', { certificate: { ...selfSigned, country: 'France' } }],
    ['no certificate', { certificate: undefined }],
  ])('is refused with %s', (_what, change) => {
    expect(() => newStationSchema.parse({ ...station, ...change })).toThrow();
  });

  it('takes each kind of certificate', () => {
    const keystore = {
      type: 'FROM_KEYSTORE',
      keystore: 'k',
      keystorePassword: 'p',
      alias: 'a',
      privateKeyPassword: 'q',
    };
    for (const certificate of [selfSigned, keystore, station.certificate]) {
      expect(newStationSchema.parse({ ...station, certificate }).certificate).toEqual(certificate);
    }
  });
});
