import { z } from 'zod';
import { parseServiceDate } from '../certificates/service-date';
import { fieldNames, pickField } from './field-names';
import { present } from './present';

/** Kinds of certificates that the documents name; an open set in answers. */
export type CertificateType = 'STATION' | 'PARTNER' | 'HTTPS' | 'PARTNER_CHAIN' | 'HTTPS_CHAIN';

/** An entry of the list of certificates. */
export interface CertificateEntry {
  /** By which it is asked for. */
  readonly alias: string;
  /** As a rule one of {@link CertificateType}; an open set. */
  readonly type?: string;
}

/** A name in a certificate. */
export interface CertificateName {
  /** `CN`. */
  readonly commonName?: string;
  /** The whole name. */
  readonly distinguishedName?: string;
}

/** What the gateway tells of a certificate; never a key. */
export interface Certificate extends CertificateEntry {
  /** Whose it is. */
  readonly subject: CertificateName;
  /** Who vouches for it. */
  readonly issuer: CertificateName;
  /** Under its old name. In which base it stands there is not documented. */
  readonly serialNumber?: string;
  /** In base 16. */
  readonly serialNumberHex?: string;
  /** In base 10. */
  readonly serialNumberDecimal?: string;
  /** Absent where it cannot be read for certain. */
  readonly validFrom?: Date;
  /** Absent where the answer has none, or none that can be read for certain: see `raw`. */
  readonly expiry?: Date;
  /** Stations and partners that use it. */
  readonly belongsTo: readonly string[];
  /** The answer as it came. */
  readonly raw: Readonly<Record<string, unknown>>;
}

const recordSchema = z.record(z.string(), z.unknown());
const entrySchema = z.object({ alias: z.string().min(1), type: z.string().nullish().catch(undefined) });
const listSchema = z.union([
  z.array(z.unknown()),
  z.looseObject({ certificates: z.array(z.unknown()) }).transform(({ certificates }) => certificates),
]);
const itemSchema = z.union([
  z
    .string()
    .min(1)
    .transform((alias) => ({ alias })),
  recordSchema,
]);
// A serial number has up to twenty bytes; the reader of JSON gives what is beyond 2^53 as text.
const serialSchema = z
  .union([z.string().min(1), z.number().int().transform(String)])
  .optional()
  .catch(undefined);
const textSchema = z.string().min(1).optional().catch(undefined);

/** Reads the list: a bare array or `{ certificates: […] }`. */
export function parseCertificateList(value: unknown): readonly CertificateEntry[] {
  return listSchema.parse(value).map((item) => entryOf(itemSchema.parse(item)));
}

/** Reads one certificate, under any of the three generations of names. */
export function parseCertificate(value: unknown): Omit<Certificate, 'alias'> & { readonly alias?: string } {
  const raw = recordSchema.parse(value);
  const text = (names: readonly string[]) => textSchema.parse(pickField(raw, names));
  const validFrom = dateIn(raw, ['validFromTimestamp', ...fieldNames.validFrom]);
  const expiry = dateIn(raw, ['expiryTimestamp', 'expiry']);
  const belongsTo = z
    .array(z.string())
    .catch([])
    .parse(raw['belongsTo'] ?? []);
  return {
    ...present({ alias: text(['alias']), type: text(['type']) }),
    subject: present({
      commonName: text(fieldNames.subjectCommonName),
      distinguishedName: text(fieldNames.subjectDistinguishedName),
    }),
    issuer: present({
      commonName: text(fieldNames.issuerCommonName),
      distinguishedName: text(fieldNames.issuerDistinguishedName),
    }),
    ...present({
      serialNumber: serialSchema.parse(pickField(raw, fieldNames.serialNumber)),
      serialNumberHex: serialSchema.parse(raw['serialNumberHex'] ?? undefined),
      serialNumberDecimal: serialSchema.parse(raw['serialNumberDecimal'] ?? undefined),
      validFrom,
      expiry,
    }),
    belongsTo,
    raw,
  };
}

// The first of the fields that can be read: a timestamp of a surprising form must not hide the text beside it.
function dateIn(raw: Record<string, unknown>, names: readonly string[]): Date | undefined {
  for (const name of names) {
    const date = parseServiceDate(raw[name]);
    if (date) return date;
  }
  return undefined;
}

function entryOf(value: unknown): CertificateEntry {
  const { alias, type } = entrySchema.parse(value);
  return { alias, ...(type == null ? {} : { type }) };
}
