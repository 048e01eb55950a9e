import { randomBytes, X509Certificate } from 'node:crypto';

const YEAR_MS = 365 * 24 * 3600 * 1000;

/** The five that the vendor documents. */
export const CERTIFICATE_TYPES = ['STATION', 'PARTNER', 'HTTPS', 'PARTNER_CHAIN', 'HTTPS_CHAIN'] as const;
export type CertificateType = (typeof CERTIFICATE_TYPES)[number];

/**
 * Names of the fields: `snake` is the OpenAPI document of 2022, `camel` what it became first (one `serialNumber`),
 * `v2` what it is since (serial in hex and decimal, times also in ms). Of the three, all must be read.
 */
export type CertificateNames = 'snake' | 'camel' | 'v2';

/** A certificate as far as the API tells of it. No private keys are here. */
export interface Certificate {
  readonly alias: string;
  readonly type: CertificateType;
  readonly serial: bigint;
  readonly subject: DistinguishedName;
  readonly issuer: DistinguishedName;
  /** Epoch ms. */
  readonly validFrom: number;
  readonly expiry: number;
  /** AS2 identifiers. */
  readonly belongsTo: string[];
}

interface DistinguishedName {
  readonly commonName: string;
  readonly text: string;
}

/** What the gateway knows of certificates. */
export interface Certificates {
  list(type: CertificateType | undefined): readonly Certificate[];
  get(alias: string): Certificate | undefined;
  /** Self-signed: described, not really made, since nothing is signed here. Its alias is that of its owner. */
  addSelfSigned(given: {
    readonly owner: string;
    readonly type: CertificateType;
    readonly commonName: string;
    readonly years: number;
    /** `orgUnit`, `orgName`, `city`, `state`, `country`. */
    readonly more?: Readonly<Record<string, unknown>>;
  }): Certificate;
  /** Base64 of DER or PEM. Undefined where it is no certificate. */
  addEncoded(
    base64: string,
    given: { readonly alias: string; readonly type: CertificateType; readonly owner?: string },
  ): Certificate | undefined;
}

export function createCertificates(clock: () => number): Certificates {
  const known = new Map<string, Certificate>();

  /** The console numbers aliases that are taken. */
  function freeAlias(wanted: string): string {
    let alias = wanted;
    for (let number = 2; known.has(alias); number += 1) alias = `${wanted}-${String(number)}`;
    return alias;
  }

  function add(certificate: Certificate): Certificate {
    known.set(certificate.alias, certificate);
    return certificate;
  }

  return {
    list: (type) => [...known.values()].filter((item) => type === undefined || item.type === type),
    get: (alias) => known.get(alias),
    addSelfSigned({ owner, type, commonName, years, more = {} }) {
      const name = { commonName, text: nameText(commonName, more) };
      // Whole seconds, as in every certificate.
      const validFrom = Math.floor(clock() / 1000) * 1000;
      return add({
        alias: freeAlias(owner),
        type,
        serial: BigInt(`0x${randomBytes(8).toString('hex')}`),
        subject: name,
        issuer: name,
        validFrom,
        expiry: validFrom + years * YEAR_MS,
        belongsTo: [owner],
      });
    },
    addEncoded(base64, { alias, type, owner }) {
      const parsed = readCertificate(base64);
      if (parsed === undefined) return undefined;
      return add({
        alias: freeAlias(alias),
        type,
        serial: BigInt(`0x${parsed.serialNumber}`),
        subject: distinguishedName(parsed.subject),
        issuer: distinguishedName(parsed.issuer),
        validFrom: Date.parse(parsed.validFrom),
        expiry: Date.parse(parsed.validTo),
        belongsTo: owner === undefined ? [] : [owner],
      });
    },
  };
}

/** One certificate in the names of a generation (reference, sections 3 and 8). */
export function certificateView(item: Certificate, names: readonly CertificateNames[]): object {
  const { alias, type, serial, subject, issuer, validFrom, expiry, belongsTo } = item;
  const snake = {
    serial_number: String(serial),
    subject_common_name: subject.commonName,
    subject_distinguish_name: subject.text,
    issuer_common_name: issuer.commonName,
    issuer_distinguish_name: issuer.text,
    valid_from: javaDate(validFrom),
  };
  const camel = {
    subjectCommonName: subject.commonName,
    subjectDistinguishName: subject.text,
    issuerCommonName: issuer.commonName,
    issuerDistinguishName: issuer.text,
    validFrom: javaDate(validFrom),
  };
  return {
    alias,
    type,
    ...(names.includes('snake') ? snake : {}),
    ...(names.includes('camel') ? { ...camel, serialNumber: String(serial) } : {}),
    ...(names.includes('v2')
      ? {
          ...camel,
          serialNumberHex: serial.toString(16),
          serialNumberDecimal: String(serial),
          validFromTimestamp: validFrom,
          expiryTimestamp: expiry,
        }
      : {}),
    expiry: javaDate(expiry),
    belongsTo,
  };
}

/** Base64 of DER or of PEM; undefined where it is neither. */
export function readCertificate(base64: string): X509Certificate | undefined {
  try {
    return new X509Certificate(Buffer.from(base64, 'base64'));
  } catch {
    return undefined;
  }
}

/** Node writes one part a line. */
function distinguishedName(lines: string): DistinguishedName {
  const parts = lines.split('\n');
  const commonName = parts.find((part) => part.startsWith('CN='))?.slice(3) ?? '';
  return { commonName, text: parts.reverse().join(', ') };
}

function nameText(commonName: string, more: Readonly<Record<string, unknown>>): string {
  const parts = { CN: commonName, OU: more['orgUnit'], O: more['orgName'], L: more['city'] };
  return Object.entries({ ...parts, ST: more['state'], C: more['country'] })
    .flatMap(([name, value]) => (typeof value === 'string' && value !== '' ? [`${name}=${value}`] : []))
    .join(', ');
}

/** As Java's `Date.toString()`: `Tue May 26 00:00:00 UTC 2015`. */
function javaDate(time: number): string {
  const [day = '', date, month, year, clockTime] = new Date(time).toUTCString().split(' ');
  return `${day.slice(0, 3)} ${month} ${date} ${clockTime} UTC ${year}`;
}
