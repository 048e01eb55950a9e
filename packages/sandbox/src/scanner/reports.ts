import type { Inspection } from './engine/inspect';
import type { ScannerContext } from './scanner-context';
import { fileState, said, type FileState, type StoredFile } from './stored-file';

/** A completed file as a test sees it. */
export interface FileRecord {
  readonly fileId: string;
  readonly name: string;
  /** Bytes, as uploaded. */
  readonly size: number;
  readonly state: FileState;
  readonly transferGroup: string;
  /** Mails that downloads have set off. */
  readonly notifications: number;
  /** Of the upload, lower-case hex. This and the two below are absent until the scanner has spoken. */
  readonly sha256?: string;
  readonly verdict?: Inspection['verdict'];
  readonly sanitized?: { readonly sha256: string; readonly size: number };
}

/** What the scanner has said about one upload. */
export interface ScannedRecord {
  readonly fileId: string;
  readonly name: string;
  readonly sha256: string;
  /** Bytes, as uploaded. */
  readonly size: number;
  readonly verdict: Inspection['verdict'];
  readonly reason: string;
  /** The name of what was found, where the engine gave it one. */
  readonly signature?: string;
  readonly sanitizedSha256?: string;
  readonly sanitizedSize?: number;
}

/** The scanner's side of the story. */
export interface Reports {
  files(): FileRecord[];
  scanned(): ScannedRecord[];
  verdictOf(sha256: string): Inspection['verdict'] | undefined;
}

/** @example createReports(context).verdictOf(sha256); // 'allowed' */
export function createReports({ shelf, now }: Pick<ScannerContext, 'shelf' | 'now'>): Reports {
  const scanned = (): ScannedRecord[] => [...shelf.all()].flatMap((file) => scannedRecord(file, now()));
  return {
    files: () => [...shelf.all()].map((file) => fileRecord(file, now())),
    scanned,
    verdictOf: (sha256) => {
      const time = now();
      const file = shelf.inspected(sha256).findLast((one) => said(one, time) !== undefined);
      return file?.inspection?.verdict;
    },
  };
}

function fileRecord(file: StoredFile, now: number): FileRecord {
  const found = said(file, now);
  const sanitized = found?.sanitized;
  return {
    fileId: file.fileId,
    name: file.name,
    size: file.content.size,
    state: fileState(file, now),
    transferGroup: file.groupId,
    notifications: file.notifications,
    ...(found === undefined ? {} : { sha256: found.sha256, verdict: found.verdict }),
    ...(sanitized === undefined ? {} : { sanitized: { sha256: sanitized.sha256, size: sanitized.size } }),
  };
}

function scannedRecord(file: StoredFile, now: number): ScannedRecord[] {
  const found = said(file, now);
  if (found === undefined) return [];
  const { verdict, reason, sha256, signature, sanitized } = found;
  return [
    {
      fileId: file.fileId,
      name: file.name,
      sha256,
      size: file.content.size,
      verdict,
      reason,
      ...(signature === undefined ? {} : { signature }),
      ...(sanitized === undefined
        ? {}
        : { sanitizedSha256: sanitized.sha256, sanitizedSize: sanitized.size }),
    },
  ];
}
