import type { CertificateContent } from './certificate-content';

/** A name that the service knows; others pass, since its list grows. */
type OpenName<T extends string> = T | (string & Record<never, never>);

/** How outgoing messages are encrypted. The service's default, triple DES, is out of date: choose AES. */
export type EncryptionAlgorithm = OpenName<
  | 'AES128_CBC'
  | 'AES192_CBC'
  | 'AES256_CBC'
  | 'CAMELLIA128_CBC'
  | 'CAMELLIA192_CBC'
  | 'CAMELLIA256_CBC'
  | 'DES_EDE3_CBC'
>;

/** How outgoing messages are signed. The service's default, SHA-1, is out of date: choose SHA-256 or more. */
export type SignatureAlgorithm = OpenName<'SHA224' | 'SHA256' | 'SHA384' | 'SHA512' | 'SHA1' | 'MD5'>;

/** What can be set on a partner, and later changed. Absent: the service's default, or no change. */
export interface PartnerSettings {
  readonly name?: string | undefined;
  /** Where the partner takes AS2 messages. */
  readonly url?: string | undefined;
  readonly description?: string | undefined;
  readonly encryptionCertificate?: CertificateContent | undefined;
  readonly encryptMessage?: boolean | undefined;
  readonly encryptionAlgorithm?: EncryptionAlgorithm | undefined;
  readonly signMessage?: boolean | undefined;
  readonly signatureAlgorithm?: SignatureAlgorithm | undefined;
  /** Needs `signatureCertificate`. */
  readonly useDiffCertAsSignCert?: boolean | undefined;
  readonly signatureCertificate?: CertificateContent | undefined;
  readonly httpsCertificate?: CertificateContent | undefined;
  readonly encryptSignChainCertificates?: readonly CertificateContent[] | undefined;
  readonly httpsChainCertificates?: readonly CertificateContent[] | undefined;
  readonly validateTrustAnchor?: boolean | undefined;
  /** Default subject of messages to it, 1 to 128 characters. */
  readonly messageSubject?: string | undefined;
  readonly compressBefore?: boolean | undefined;
  readonly compressAfter?: boolean | undefined;
  readonly requestMDN?: boolean | undefined;
  readonly requestSignedMDN?: boolean | undefined;
  readonly requestAsyncMDN?: boolean | undefined;
  readonly useStaticIP?: boolean | undefined;
  /** Seconds. */
  readonly transmissionTimeout?: 60 | 120 | 180 | 300 | undefined;
  readonly deleteAttachmentsOnSuccessMdn?: boolean | undefined;
  /** Sends again what was not acknowledged. **The partner may then have it twice.** */
  readonly autoRetryIncompleteMessages?: boolean | undefined;
  readonly customHeaders?:
    readonly { readonly headerName: string; readonly headerValue: string }[] | undefined;
}

/** A partner to be created. */
export interface NewPartner extends PartnerSettings {
  /** AS2 identifier. It cannot be changed later. */
  readonly identifier: string;
  readonly name: string;
  readonly url: string;
  readonly encryptionCertificate: CertificateContent;
}
