import { readCertificate } from './certificates';
import type { FieldCheck } from './field-checks';
import { emails, flag, oneOf, text, textOf } from './field-checks';

type Fields = Readonly<Record<string, FieldCheck>>;

const ENCRYPTION = ['DES_EDE3', 'AES128', 'AES192', 'AES256', 'CAMELLIA128', 'CAMELLIA192', 'CAMELLIA256']
  .concat('CAST5', 'RC2', 'SEED')
  .map((name) => `${name}_CBC`)
  .concat('ECDH_SHA1KDF');
const SIGNATURE = ['SHA1', 'MD2', 'MD5', 'SHA224', 'SHA256', 'SHA384', 'SHA512'];
const RESERVED_HEADERS = new Set(
  'as2-from as2-to as2-version content-transfer-encoding content-type disposition-notification-options mime-version message-id receipt-delivery-option destination'.split(
    ' ',
  ),
);

/** Of a station, beside its identifier and its certificate (reference, section 8). */
export const STATION_FIELDS: Fields = {
  name: text,
  email: emails,
  description: () => undefined,
  receivedMessageNotifications: flag,
  failedMessageNotifications: flag,
  largePayloadSupport: flag,
};

/** Of a station's `NEW_SELF_SIGN_CERTIFICATE`; all are required. */
export const SELF_SIGNED_FIELDS: Fields = {
  commonName: text,
  password: text,
  keyLength: oneOf(1024, 2048, 4096),
  validity: oneOf(1, 2, 5, 8, 10),
};

const customHeaders: FieldCheck = (value) =>
  Array.isArray(value) &&
  value.every((item: unknown) => {
    const { headerName, headerValue } = (item ?? {}) as Record<string, unknown>;
    return (
      typeof headerName === 'string' &&
      typeof headerValue === 'string' &&
      !RESERVED_HEADERS.has(headerName.toLowerCase())
    );
  })
    ? undefined
    : 'must be a list of { headerName, headerValue } without reserved names';

/** Of a partner, beside its identifier and its certificates. */
export const PARTNER_FIELDS: Fields = {
  name: text,
  url: (value) => (typeof value === 'string' && URL.canParse(value) ? undefined : 'must be a URL'),
  description: () => undefined,
  encryptMessage: flag,
  encryptionAlgorithm: oneOf(...ENCRYPTION),
  signMessage: flag,
  signatureAlgorithm: oneOf(...SIGNATURE),
  useDiffCertAsSignCert: flag,
  validateTrustAnchor: flag,
  messageSubject: textOf(1, 128),
  compressBefore: flag,
  compressAfter: flag,
  requestMDN: flag,
  requestSignedMDN: flag,
  requestAsyncMDN: flag,
  useStaticIP: flag,
  transmissionTimeout: oneOf(60, 120, 180, 300),
  deleteAttachmentsOnSuccessMdn: flag,
  autoRetryIncompleteMessages: flag,
  customHeaders,
};

const encoded: FieldCheck = (value) =>
  typeof value === 'string' && readCertificate(value) !== undefined
    ? undefined
    : 'is no certificate in base64';
const encodedList: FieldCheck = (value) =>
  Array.isArray(value) ? value.map(encoded).find((reason) => reason !== undefined) : 'must be a list';

/** Certificates of a partner, in base64. */
export const PARTNER_CERTIFICATE_FIELDS: Fields = {
  encryptionCertificate: encoded,
  signatureCertificate: encoded,
  httpsCertificate: encoded,
  encryptSignChainCertificates: encodedList,
  httpsChainCertificates: encodedList,
};
