import type { Certificate } from '../schemas/certificate';

/**
 * A certificate as `certificates.get` gives it; valid for a year from the start of 2026 unless told otherwise.
 *
 * @example const near = buildCertificate({ expiry: new Date(Date.now() + 86_400_000) });
 */
export function buildCertificate(given: Partial<Certificate> = {}): Certificate {
  return {
    alias: 'acme',
    type: 'PARTNER',
    subject: { commonName: 'acme', distinguishedName: 'CN=acme' },
    issuer: { commonName: 'acme', distinguishedName: 'CN=acme' },
    serialNumberHex: '01',
    serialNumberDecimal: '1',
    validFrom: new Date(Date.UTC(2026, 0, 1)),
    expiry: new Date(Date.UTC(2027, 0, 1)),
    belongsTo: ['ACME'],
    raw: {},
    ...given,
  };
}
