import type { Blob } from '../blob-store';
import type { Account } from './accounts';
import type { Inspection } from './engine/inspect';
import type { StatusStep } from './file-script';
import type { ApprovalRule } from './settings';
import type { ScannerUndocumented } from './undocumented';

/** A file whose upload was completed. The mutable fields change as it is scanned, judged by people and deleted. */
export interface StoredFile {
  readonly fileId: string;
  readonly groupId: string;
  /** Whose file it is: the opener of the upload, or whom he impersonated. */
  readonly owner: Account;
  readonly sharedWith: readonly Account[];
  /** Folder, levels joined by a backslash; empty for the root. */
  path: string;
  name: string;
  /** The uploaded bytes. */
  readonly content: Blob;
  /** Epoch ms of the call that completed the upload. */
  readonly completedAt: number;
  /** Epoch ms at which its scan has its turn: later than `completedAt` where others stand before it. */
  readonly startsAt: number;
  /** Epoch ms. */
  readonly expiresAt?: number;
  /** How long processing is shown to take, in ms. */
  readonly scanTimeMs: number;
  /** It came with a key that may skip the scan: nobody has looked, nobody will. */
  readonly unscanned: boolean;
  /** Epoch ms at which it vanishes if the scan ends badly; as a time after the scan's end. */
  readonly deleteBlockedAfterMs: number | null;
  /** What it is shown as at which time; laid over everything else. */
  readonly timeline: readonly StatusStep[];
  /** Supervisors' part; absent where approval is disabled. */
  readonly approvalRule?: ApprovalRule;
  /** How many supervisors have approved. */
  approvals: number;
  /** Outbreak prevention keeps it until then; epoch ms. */
  lockedUntil?: number;
  /** What a lifted block makes of `workflow_result`. */
  readonly liftedResult: ScannerUndocumented['liftedResult'];
  /** Somebody has lifted the block. */
  lifted: boolean;
  /** What the engine found; absent while it still looks. */
  inspection?: Inspection;
  deleted: boolean;
  /** Mails that downloads of this file have set off. */
  notifications: number;
}

/** A file as the scan-time function sees it. */
export interface FileToScan {
  readonly fileId: string;
  readonly name: string;
  /** Bytes. */
  readonly size: number;
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
  if (file.unscanned) return 'Available';
  const { inspection, scanTimeMs } = file;
  const elapsed = now - file.startsAt;
  if (inspection !== undefined && elapsed >= scanTimeMs)
    return file.lifted ? 'Available' : finalState(inspection);
  // In the queue for its turn: it was composed meanwhile.
  if (elapsed < 0 && now > file.completedAt) return 'QueuedForProcessing';
  if (elapsed < scanTimeMs * QUEUED_AFTER) return 'Composing';
  return elapsed < scanTimeMs * PROCESSED_AFTER ? 'QueuedForProcessing' : 'BeingProcessed';
}

/** What the scanner has said about a file by now; undefined while it still works, whatever the engine knows. */
export function said(file: StoredFile, now: number): Inspection | undefined {
  return now - file.startsAt >= file.scanTimeMs ? file.inspection : undefined;
}

/** What a download returns and `size` counts: the sanitized file once there is one. */
export function servedContent(file: StoredFile, now: number): Blob {
  return said(file, now)?.sanitized?.content ?? file.content;
}

/** The state in which the scan alone leaves a file. */
export function finalState({ verdict, failedAction }: Inspection): FileState {
  if (verdict === 'blocked') return 'Blocked';
  if (verdict !== 'unscannable') return 'Available';
  return failedAction === 'Sanitization Failed' ? 'BlockedNoSanitization' : 'ProcessingFailed';
}

/** The step of the file's script that holds now: the last one whose time has come. */
export function currentStep(file: StoredFile, now: number): StatusStep | undefined {
  return file.timeline.findLast(({ afterMs = 0 }) => now >= file.completedAt + afterMs);
}

/**
 * Whether no trace is left: a blocked file that the product deletes by itself, or one that its script takes away.
 * All that asks for it is answered 404, unlike a file that somebody has deleted (its status is still known).
 */
export function isGone(file: StoredFile, now: number): boolean {
  if (currentStep(file, now)?.gone === true) return true;
  const found = said(file, now);
  const { deleteBlockedAfterMs: after } = file;
  if (found === undefined || after === null || file.lifted || file.unscanned) return false;
  return finalState(found) !== 'Available' && now >= file.startsAt + file.scanTimeMs + after;
}

/** Whether lists show it and a download may find it: it is neither gone nor deleted nor expired. */
export function isThere(file: StoredFile, now: number): boolean {
  const state = fileState(file, now);
  return state !== 'Deleted' && state !== 'Expired' && !isGone(file, now);
}
