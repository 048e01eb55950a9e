import type { Reason } from './reason';
import { reason, reasonInWords } from './reason';

/** Size in bytes and SHA-256 in lower-case hex of some bytes. */
export interface Fingerprint {
  readonly size: number;
  readonly sha256: string;
}

/** How surely the verdict is about our bytes: by our own chain of hashes up to the scanner, or by reading back. */
export type EvidenceGrade = 'upload-chain' | 'read-back';

/** What the scanner's final status says, after the scanner client's release rule. */
export interface ScannerVerdict {
  readonly status: 'cleared' | 'blocked' | 'held';
  /** The status is about sanitized bytes. */
  readonly sanitized: boolean;
  readonly fileId: string;
  readonly name: string | null;
  readonly size: number | null;
  /** The scanner's own words, for people. */
  readonly details: readonly string[];
}

/** All that is known about one attachment when it is weighed. */
export interface EvidenceFacts {
  readonly custody: Fingerprint;
  /** The file id that we opened, the unique name we gave, and what was hashed while it was uploaded. */
  readonly opened: { readonly fileId: string | null; readonly name: string };
  readonly uploaded: Fingerprint | null;
  readonly verdict: ScannerVerdict;
  /** Sanitized bytes, downloaded between two equal statuses into custody; null where there are none. */
  readonly sanitized: Fingerprint | null;
  /** Hash of the file as downloaded from the scanner, where `readBack` is on. */
  readonly readBack: string | null;
}

/** What was concluded about one attachment, and about which bytes. */
export interface Evidence {
  readonly conclusion: 'cleared' | 'cleared-sanitized' | 'blocked' | 'held';
  readonly grade: EvidenceGrade;
  /** The bytes that are cleared; null unless the conclusion clears some. */
  readonly bytes: Fingerprint | null;
  readonly reasons: readonly Reason[];
  readonly scannerFileId: string | null;
}

/**
 * Weighs one attachment: binds the scanner's word to the bytes in custody. Pure.
 * Whatever is missing or contradicts is `held`; `blocked` needs no binding, since it only makes things safer.
 */
export function weigh(facts: EvidenceFacts): Evidence {
  const { verdict, custody } = facts;
  const base = {
    grade: facts.readBack === null ? 'upload-chain' : 'read-back',
    scannerFileId: facts.opened.fileId,
  } as const;
  if (verdict.status === 'blocked') {
    return {
      ...base,
      conclusion: 'blocked',
      bytes: null,
      reasons: [reasonInWords('scanner-blocked', verdict.details)],
    };
  }
  if (verdict.status === 'held') {
    return {
      ...base,
      conclusion: 'held',
      bytes: null,
      reasons: [reasonInWords('scanner-held', verdict.details)],
    };
  }
  const mismatch = findMismatch(facts);
  if (mismatch !== null) {
    return { ...base, conclusion: 'held', bytes: null, reasons: [reason('evidence-mismatch', mismatch)] };
  }
  if (verdict.sanitized && facts.sanitized !== null) {
    return { ...base, conclusion: 'cleared-sanitized', bytes: facts.sanitized, reasons: [] };
  }
  return {
    ...base,
    conclusion: 'cleared',
    bytes: { size: custody.size, sha256: custody.sha256 },
    reasons: [],
  };
}

function findMismatch({
  custody,
  opened,
  uploaded,
  verdict,
  sanitized,
  readBack,
}: EvidenceFacts): string | null {
  if (opened.fileId === null || verdict.fileId !== opened.fileId) return 'another file id';
  if (uploaded === null) return 'the upload was not completed by us';
  if (uploaded.sha256 !== custody.sha256 || uploaded.size !== custody.size)
    return 'other bytes were uploaded';
  if (verdict.name !== opened.name) return 'another file name';
  if (verdict.sanitized) {
    if (sanitized === null) return 'the sanitized bytes are not in custody';
    if (sanitized.size === 0) return 'the sanitized file is empty';
    if (verdict.size !== sanitized.size) return 'another size than the sanitized bytes';
    return null;
  }
  if (sanitized !== null) return 'sanitized bytes without a status that says so';
  if (verdict.size !== custody.size) return 'another size';
  if (readBack !== null && readBack !== custody.sha256) return 'the file at the scanner has another hash';
  return null;
}
