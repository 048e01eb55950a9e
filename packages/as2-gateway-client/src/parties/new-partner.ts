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
  /** For people. */
  readonly name?: string | undefined;
  /** Where the partner takes AS2 messages. */
  readonly url?: string | undefined;
  /** For people. */
  readonly description?: string | undefined;
  /** What messages to it are encrypted for. */
  readonly encryptionCertificate?: CertificateContent | undefined;
  /** The service's default is true. */
  readonly encryptMessage?: boolean | undefined;
  /** The service's default is `DES_EDE3_CBC`, which is weak. */
  readonly encryptionAlgorithm?: EncryptionAlgorithm | undefined;
  /** The service's default is true. */
  readonly signMessage?: boolean | undefined;
  /** The service's default is `SHA1`, which is weak. */
  readonly signatureAlgorithm?: SignatureAlgorithm | undefined;
  /** Needs `signatureCertificate`. */
  readonly useDiffCertAsSignCert?: boolean | undefined;
  /** What its signatures are checked with, where it is another one. */
  readonly signatureCertificate?: CertificateContent | undefined;
  /** Of its web server, where no public authority vouches for it. */
  readonly httpsCertificate?: CertificateContent | undefined;
  /** Authorities above the certificates for encryption and signatures. */
  readonly encryptSignChainCertificates?: readonly CertificateContent[] | undefined;
  /** Authorities above the certificate of its web server. */
  readonly httpsChainCertificates?: readonly CertificateContent[] | undefined;
  /** The service's default is false. */
  readonly validateTrustAnchor?: boolean | undefined;
  /** Default subject of messages to it, 1 to 128 characters. */
  readonly messageSubject?: string | undefined;
  /** Compress before signing. The service's default is false. */
  readonly compressBefore?: boolean | undefined;
  /** Compress after signing. The service's default is false. */
  readonly compressAfter?: boolean | undefined;
  /** Ask for a receipt. The service's default is true. */
  readonly requestMDN?: boolean | undefined;
  /** Ask for a signed receipt. The service's default is true. */
  readonly requestSignedMDN?: boolean | undefined;
  /** Ask for the receipt in a request of its own. The service's default is false. */
  readonly requestAsyncMDN?: boolean | undefined;
  /** Send from an address that does not change. The service's default is false. */
  readonly useStaticIP?: boolean | undefined;
  /** Seconds. */
  readonly transmissionTimeout?: 60 | 120 | 180 | 300 | undefined;
  /** Delete what was sent with its good receipt; the record stays. The service's default is false. */
  readonly deleteAttachmentsOnSuccessMdn?: boolean | undefined;
  /** Sends again what was not acknowledged. **The partner may then have it twice.** */
  readonly autoRetryIncompleteMessages?: boolean | undefined;
  /** Sent with each message. The names that AS2 itself needs are reserved. */
  readonly customHeaders?:
    readonly { readonly headerName: string; readonly headerValue: string }[] | undefined;
}

/** A partner to be created. */
export interface NewPartner extends PartnerSettings {
  /** AS2 identifier. It cannot be changed later. */
  readonly identifier: string;
  /** For people. */
  readonly name: string;
  /** Where it takes AS2 messages. */
  readonly url: string;
  /** What messages to it are encrypted for. */
  readonly encryptionCertificate: CertificateContent;
}
