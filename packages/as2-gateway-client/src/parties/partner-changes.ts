import type { CertificateContent } from './certificate-content';
import type { PartnerSettings } from './new-partner';

/** No second HTTPS certificate. */
interface WithoutBackup {
  readonly httpsBackupCertificate?: undefined;
  readonly httpsBackupCertificateAlias?: undefined;
  readonly httpsBackupCertActiveTimeStamp?: undefined;
}

/** A second HTTPS certificate, given here, that comes into force at a time. */
interface BackupCertificate {
  readonly httpsBackupCertificate: CertificateContent;
  readonly httpsBackupCertificateAlias?: undefined;
  /** A Date, or milliseconds since 1970 (as all times of this API; the field's own unit is not documented). */
  readonly httpsBackupCertActiveTimeStamp: Date | number;
}

/** A second HTTPS certificate that the gateway has already. */
interface BackupAlias {
  readonly httpsBackupCertificate?: undefined;
  readonly httpsBackupCertificateAlias: string;
  readonly httpsBackupCertActiveTimeStamp: Date | number;
}

/** What is to be changed on a partner; its AS2 identifier cannot be. */
export type PartnerChanges = PartnerSettings & (WithoutBackup | BackupCertificate | BackupAlias);

/** What the update operation takes. */
export type PartnerUpdate = PartnerChanges & { readonly identifier: string };
