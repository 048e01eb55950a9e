import type { Blob } from '../blob-store';
import type { Account } from './accounts';
import type { Inspection } from './engine/inspect';

/** A file whose upload was completed. The mutable fields change as it is scanned and deleted. */
export interface StoredFile {
  readonly fileId: string;
  readonly groupId: string;
  /** Whose file it is: the opener of the upload, or whom he impersonated. */
  readonly owner: Account;
  readonly sharedWith: readonly Account[];
  /** Folder, levels joined by a backslash; empty for the root. */
  readonly path: string;
  name: string;
  /** The uploaded bytes. */
  readonly content: Blob;
  /** Epoch ms of the call that completed the upload. */
  readonly completedAt: number;
  /** Epoch ms. */
  readonly expiresAt?: number;
  /** How long processing is shown to take, in ms. */
  readonly scanTimeMs: number;
  /** What the engine found; absent while it still looks. */
  inspection?: Inspection;
  deleted: boolean;
  /** Mails that downloads of this file have set off. */
  notifications: number;
}

/** The states of the 2018 list that this sandbox shows. */
export type FileState =
  | 'Composing'
  | 'QueuedForProcessing'
  | 'BeingProcessed'
  | 'Available'
  | 'Blocked'
  | 'BlockedNoSanitization'
  | 'ProcessingFailed'
  | 'Expired'
  | 'Deleted';

// Shares of the scan time after which a file is queued, and being processed.
const QUEUED_AFTER = 0.1;
const PROCESSED_AFTER = 0.3;

/**
 * The state of a file at a time. It follows from the clock alone, so that a test moves a file by moving its clock;
 * only the last step waits for the engine, if that is slower than the scan time says.
 *
 * What cannot be scanned ends as `ProcessingFailed`, not as `Blocked`: the reference gives `Blocked` no reason but
 * a verdict, and a caller has to be able to tell "this is bad" (quarantine) from "nobody could look" (hold).
 *
 * @param now - Epoch ms.
 * @example
 * fileState(file, Date.now()); // 'BeingProcessed'
 */
export function fileState(file: StoredFile, now: number): FileState {
  if (file.deleted) return 'Deleted';
  if (file.expiresAt !== undefined && file.expiresAt <= now) return 'Expired';
  const { inspection, scanTimeMs } = file;
  const elapsed = now - file.completedAt;
  if (inspection !== undefined && elapsed >= scanTimeMs) return finalState(inspection);
  if (elapsed < scanTimeMs * QUEUED_AFTER) return 'Composing';
  return elapsed < scanTimeMs * PROCESSED_AFTER ? 'QueuedForProcessing' : 'BeingProcessed';
}

/** What the scanner has said about a file by now; undefined while it still works, whatever the engine knows. */
export function said(file: StoredFile, now: number): Inspection | undefined {
  return now - file.completedAt >= file.scanTimeMs ? file.inspection : undefined;
}

/** What a download returns and `size` counts: the sanitized file once there is one. */
export function servedContent(file: StoredFile, now: number): Blob {
  return said(file, now)?.sanitized?.content ?? file.content;
}

function finalState({ verdict, failedAction }: Inspection): FileState {
  if (verdict === 'blocked') return 'Blocked';
  if (verdict !== 'unscannable') return 'Available';
  return failedAction === 'Sanitization Failed' ? 'BlockedNoSanitization' : 'ProcessingFailed';
}
