import type { Parser } from '@mft-bridge/http-transport';
import { z } from 'zod';
import { as2Identifier } from './as2-identifier';
import { base64OfCertificate } from './certificate-content';
import type { CertificateContent } from './certificate-content';
import type { NewPartner } from './new-partner';
import type { PartnerUpdate } from './partner-changes';

// A private key given by mistake is refused like any other text, and never sent.
const certificateContent: z.ZodType<string, CertificateContent> = z
  .union([z.string(), z.instanceof(Uint8Array)])
  .transform((content, context) => {
    const base64 = base64OfCertificate(content);
    if (base64 !== undefined) return base64;
    context.addIssue({
      code: 'custom',
      message: 'is no certificate: give DER bytes, PEM, or base64 of the DER form',
    });
    return z.NEVER;
  });

/** Of the service itself; it refuses partners that set them. */
const RESERVED_HEADERS = new Set(
  (
    'as2-from as2-to as2-version content-transfer-encoding content-type disposition-notification-options ' +
    'mime-version message-id receipt-delivery-option destination'
  ).split(' '),
);

const flag = z.boolean().optional();
const algorithm = z
  .string()
  .regex(/^[A-Z0-9_]+$/, 'is no name of an algorithm, such as AES256_CBC or SHA256')
  .optional();

const header = z.strictObject({
  headerName: z
    .string()
    .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, 'is no name of a header')
    .refine((name) => !RESERVED_HEADERS.has(name.toLowerCase()), 'is a header of AS2 itself'),
  headerValue: z.string().regex(/^[\x20-\x7e\xa0-\xff]*$/, 'cannot stand in a header'),
});

const httpUrl = z.url({ protocol: /^https?$/ });

const partnerFields = {
  name: z.string().min(1).optional(),
  url: httpUrl.optional(),
  description: z.string().optional(),
  encryptionCertificate: certificateContent.optional(),
  encryptMessage: flag,
  encryptionAlgorithm: algorithm,
  signMessage: flag,
  signatureAlgorithm: algorithm,
  useDiffCertAsSignCert: flag,
  signatureCertificate: certificateContent.optional(),
  httpsCertificate: certificateContent.optional(),
  encryptSignChainCertificates: z.array(certificateContent).optional(),
  httpsChainCertificates: z.array(certificateContent).optional(),
  validateTrustAnchor: flag,
  messageSubject: z.string().min(1).max(128).optional(),
  compressBefore: flag,
  compressAfter: flag,
  requestMDN: flag,
  requestSignedMDN: flag,
  requestAsyncMDN: flag,
  useStaticIP: flag,
  transmissionTimeout: z.literal([60, 120, 180, 300]).optional(),
  deleteAttachmentsOnSuccessMdn: flag,
  autoRetryIncompleteMessages: flag,
  customHeaders: z.array(header).optional(),
} as const;

/** Strict reading of a new partner; certificates become base64. */
export const newPartnerSchema: Parser<NewPartner> = z
  .strictObject({
    ...partnerFields,
    identifier: as2Identifier,
    name: z.string().min(1),
    url: httpUrl,
    encryptionCertificate: certificateContent,
  })
  .refine(
    ({ useDiffCertAsSignCert, signatureCertificate }) =>
      !useDiffCertAsSignCert || signatureCertificate !== undefined,
    { path: ['signatureCertificate'], message: 'is needed with useDiffCertAsSignCert' },
  );

const updateSchema = z
  .strictObject({
    ...partnerFields,
    identifier: as2Identifier,
    httpsBackupCertificate: certificateContent.optional(),
    httpsBackupCertificateAlias: z.string().min(1).optional(),
    httpsBackupCertActiveTimeStamp: z
      .union([z.date().transform((date) => date.getTime()), z.number().int().nonnegative()])
      .optional(),
  })
  .superRefine((update, context) => {
    const { httpsBackupCertificate, httpsBackupCertificateAlias, httpsBackupCertActiveTimeStamp } = update;
    const backups = [httpsBackupCertificate, httpsBackupCertificateAlias].filter(
      (each) => each !== undefined,
    );
    const issue = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: [path], message });
    if (backups.length > 1) issue('httpsBackupCertificateAlias', 'give a certificate or an alias, not both');
    if (backups.length > 0 !== (httpsBackupCertActiveTimeStamp !== undefined)) {
      issue('httpsBackupCertActiveTimeStamp', 'a backup certificate and its time belong together');
    }
    if (Object.values({ ...update, identifier: undefined }).every((value) => value === undefined)) {
      context.addIssue({ code: 'custom', message: 'names nothing to change' });
    }
  });

/** Strict reading of a change; certificates become base64, dates milliseconds. */
export const partnerUpdateSchema: Parser<PartnerUpdate> = {
  parse: (value) => updateSchema.parse(value) as PartnerUpdate,
};
