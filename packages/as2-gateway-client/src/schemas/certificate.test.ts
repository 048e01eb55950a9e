import fc from 'fast-check';
import { parseCertificate, parseCertificateList } from './certificate';

interface Fields {
  readonly alias: string;
  readonly subject: string;
  readonly issuer: string;
  /** Seconds since 1970. */
  readonly from: number;
  readonly to: number;
}

const javaText = (seconds: number) =>
  new Date(seconds * 1000)
    .toUTCString()
    .replace(/^(\w+), (\d+) (\w+) (\d+) ([\d:]+) GMT$/, '$1 $3 $2 $5 UTC $4');

/** The three generations of names, as the reference lists them. */
const generations = {
  snake: ({ alias, subject, issuer, from, to }: Fields) => ({
    alias,
    type: 'PARTNER',
    serial_number: '4711',
    subject_common_name: subject,
    subject_distinguish_name: `CN=${subject}`,
    issuer_common_name: issuer,
    issuer_distinguish_name: `CN=${issuer}`,
    valid_from: javaText(from),
    expiry: javaText(to),
    belongsTo: ['ACME'],
  }),
  camel: ({ alias, subject, issuer, from, to }: Fields) => ({
    alias,
    type: 'PARTNER',
    serialNumber: '4711',
    subjectCommonName: subject,
    subjectDistinguishName: `CN=${subject}`,
    issuerCommonName: issuer,
    issuerDistinguishName: `CN=${issuer}`,
    validFrom: javaText(from),
    expiry: javaText(to),
    belongsTo: ['ACME'],
  }),
  timestamps: ({ alias, subject, issuer, from, to }: Fields) => ({
    alias,
    type: 'PARTNER',
    serialNumberHex: '1267',
    serialNumberDecimal: '4711',
    subjectCommonName: subject,
    subjectDistinguishName: `CN=${subject}`,
    issuerCommonName: issuer,
    issuerDistinguishName: `CN=${issuer}`,
    validFrom: 'as somebody likes it',
    validFromTimestamp: from * 1000,
    expiry: 'as somebody likes it',
    expiryTimestamp: to * 1000,
    belongsTo: ['ACME'],
  }),
};

const name = fc.string({ minLength: 1 });
const second = fc.integer({ min: Date.UTC(2000, 0) / 1000, max: Date.UTC(2060, 0) / 1000 });
const fields = fc.record({ alias: name, subject: name, issuer: name, from: second, to: second });

describe('a certificate', () => {
  it('reads the same from all three generations of names, with its expiry as a Date', () => {
    fc.assert(
      fc.property(fields, (given) => {
        for (const write of Object.values(generations)) {
          const { raw, serialNumber, serialNumberHex, serialNumberDecimal, ...read } = parseCertificate(
            write(given),
          );
          expect(raw).toEqual(write(given));
          expect(serialNumber ?? serialNumberDecimal).toBe('4711');
          expect(serialNumberHex).toBe(write === generations.timestamps ? '1267' : undefined);
          expect(read).toEqual({
            alias: given.alias,
            type: 'PARTNER',
            subject: { commonName: given.subject, distinguishedName: `CN=${given.subject}` },
            issuer: { commonName: given.issuer, distinguishedName: `CN=${given.issuer}` },
            validFrom: new Date(given.from * 1000),
            expiry: new Date(given.to * 1000),
            belongsTo: ['ACME'],
          });
        }
      }),
    );
  });

  it('does without everything, and never invents an expiry', () => {
    expect(parseCertificate({})).toEqual({ subject: {}, issuer: {}, belongsTo: [], raw: {} });
    expect(parseCertificate({ expiry: 'soon', belongsTo: 'ACME', serial_number: 7 })).toMatchObject({
      serialNumber: '7',
      belongsTo: [],
    });
    expect(parseCertificate({ expiry: 'soon' }).expiry).toBeUndefined();
  });

  it('falls back to the text where the timestamp cannot be read', () => {
    const { expiry } = parseCertificate({ expiryTimestamp: 'never', expiry: 'Tue May 26 00:00:00 UTC 2015' });
    expect(expiry).toEqual(new Date(Date.UTC(2015, 4, 26)));
  });
});

describe('a list of certificates', () => {
  const entries = [{ alias: 'a', type: 'STATION' }, { alias: 'b' }];

  it('is a bare array, or in an object, of objects or aliases', () => {
    expect(parseCertificateList(entries)).toEqual(entries);
    expect(parseCertificateList({ certificates: entries })).toEqual(entries);
    expect(parseCertificateList(['a', { alias: 'b', type: null }])).toEqual([{ alias: 'a' }, { alias: 'b' }]);
  });

  it.each([[{}], [[{ type: 'STATION' }]], [[7]], ['a']])('is not %j', (value) => {
    expect(() => parseCertificateList(value)).toThrow();
  });
});
