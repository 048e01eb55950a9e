import { newPartnerSchema, partnerUpdateSchema } from './partner-schemas';

const der = Buffer.from('3082000101', 'hex');
const base64 = der.toString('base64');
const pem = `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`;
const partner = {
  identifier: 'ACME',
  name: 'Acme',
  url: 'https://as2.acme.example/',
  encryptionCertificate: der,
};

describe('a new partner', () => {
  it.each([
    ['DER bytes', der],
    ['a PEM text', pem],
    ['the bytes of a PEM file', Buffer.from(pem)],
    ['a PEM text with its remarks', `Bag Attributes\n${pem}`],
    ['base64', base64],
    ['base64 in lines', `${base64.slice(0, 4)}\r\n${base64.slice(4)}`],
  ])('takes its certificate as %s', (_form, encryptionCertificate) => {
    expect(newPartnerSchema.parse({ ...partner, encryptionCertificate }).encryptionCertificate).toBe(base64);
  });

  it.each([
    [
      'a private key',
      { encryptionCertificate: `-----BEGIN PRIVATE KEY-----\n${base64}\n-----END PRIVATE KEY-----` },
    ],
    [
      'the bytes of a private key',
      { encryptionCertificate: Buffer.from(`-----BEGIN PRIVATE KEY-----\n${base64}`) },
    ],
    ['an empty certificate', { encryptionCertificate: Buffer.alloc(0) }],
    ['an address of another kind', { url: 'ftp://acme.example' }],
    ['an identifier with a line break', { identifier: 'ACME\r\nX: 1' }],
    ['a header of AS2 itself', { customHeaders: [{ headerName: 'AS2-From', headerValue: 'x' }] }],
    ['a header with a line break', { customHeaders: [{ headerName: 'X-A', headerValue: 'x\r\ny: z' }] }],
    ['another timeout', { transmissionTimeout: 90 }],
    ['a subject of 129 characters', { messageSubject: 'x'.repeat(129) }],
    ['a second certificate that is not there', { useDiffCertAsSignCert: true }],
    ['a field that is not known', { encrypt: true }],
  ])('is refused with %s', (_what, change) => {
    expect(() => newPartnerSchema.parse({ ...partner, ...change })).toThrow();
  });

  it('takes algorithms that are not listed, as the list of the service grows', () => {
    expect(newPartnerSchema.parse({ ...partner, encryptionAlgorithm: 'AES256_GCM' })).toMatchObject({
      encryptionAlgorithm: 'AES256_GCM',
    });
  });
});

describe('a change of a partner', () => {
  const at = new Date(Date.UTC(2026, 5, 1));

  it('makes dates milliseconds and certificates base64', () => {
    const changes = { identifier: 'ACME', httpsBackupCertificate: pem, httpsBackupCertActiveTimeStamp: at };
    expect(partnerUpdateSchema.parse(changes)).toEqual({
      identifier: 'ACME',
      httpsBackupCertificate: base64,
      httpsBackupCertActiveTimeStamp: at.getTime(),
    });
  });

  it.each([
    ['nothing to change', {}],
    ['nothing but absent fields', { name: undefined }],
    ['a backup certificate without its time', { httpsBackupCertificateAlias: 'x' }],
    ['a time without its certificate', { httpsBackupCertActiveTimeStamp: at }],
    [
      'two backup certificates',
      { httpsBackupCertificate: pem, httpsBackupCertificateAlias: 'x', httpsBackupCertActiveTimeStamp: at },
    ],
  ])('is refused with %s', (_what, changes) => {
    expect(() => partnerUpdateSchema.parse({ identifier: 'ACME', ...changes })).toThrow();
  });
});
