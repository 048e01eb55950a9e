import type { Parser } from '@mft-bridge/http-transport';
import { z } from 'zod';
import { adverseText, id, isFields, optionalCount, optionalFlag, optionalText, tolerant } from './tolerant';

/** What the scan said of a file. Null is what the server wrote, undefined is a field that it did not send. */
export interface ScanResult {
  /** `Allowed` is the only value that was seen; treat every other one as a refusal */
  readonly workflowResult?: string | null | undefined;
  /** empty or null when there is none */
  readonly blockedReason?: string | null | undefined;
  /** names of actions that failed, separated by `|`; empty or null when none did */
  readonly actionsFailed?: string | null | undefined;
}

/**
 * The status of one file. Two generations of this answer exist which share only a part of their fields, so all but
 * {@link FileStatus.fileId} and {@link FileStatus.availabilityState} are optional. Whether a file is safe is not in any one
 * field: ask `evaluateVerdict`.
 */
export interface FileStatus {
  /** as the server writes it, with or without dashes */
  readonly fileId: string;
  /** an open list: `Composing`, `QueuedForProcessing`, `BeingProcessed`, `Available`, `Expired`, `Deleted`, `Blocked`, `BlockedNoSanitization`, `ProcessingFailed`, and what later releases add */
  readonly availabilityState: string;
  /** display key such as `FILE_STATE_SANITIZED` */
  readonly availabilityStateKey?: string | null | undefined;
  /** its values are not documented; shown, and held against a file only where it contradicts "available" */
  readonly processingState?: string | null | undefined;
  /** the name at the server, which may have changed it (`-Copy(1)`) */
  readonly name?: string | undefined;
  /** folder, levels joined by a backslash; empty for the root */
  readonly path?: string | undefined;
  /** bytes */
  readonly size?: number | undefined;
  /** the group that it was uploaded in */
  readonly groupId?: string | undefined;
  /** absent until there is one */
  readonly scanResult?: ScanResult | undefined;
  /** true: the stored bytes are what Deep CDR made, not what was uploaded */
  readonly isSanitized?: boolean | undefined;
  /** true: outbreak prevention keeps the file back until {@link FileStatus.unlockEta} */
  readonly isLocked?: boolean | undefined;
  /** as the server wrote it */
  readonly unlockEta?: string | null | undefined;
  /** true: a person said that the scanner was wrong */
  readonly isFalsePositive?: boolean | undefined;
  /** `ApprovalDisabled` is the only value that was seen */
  readonly supervisorApprovalState?: string | undefined;
  /** `ApprovalDisabled` is the only value that was seen */
  readonly administratorApprovalState?: string | undefined;
  /** means nothing while approval is disabled */
  readonly currentApprovalCount?: number | undefined;
  /** means nothing while approval is disabled */
  readonly requiredApprovalCount?: number | undefined;
  /** whether the caller may download it now */
  readonly canBeDownloaded?: boolean | undefined;
  /** whether the caller may delete it */
  readonly canBeDeleted?: boolean | undefined;
  /** whether the caller may have it scanned again */
  readonly canBeRescanned?: boolean | undefined;
  /** whether it is the caller's own */
  readonly isFileOwned?: boolean | undefined;
  /** as the server wrote it; often without a zone, then UTC */
  readonly firstUploadTime?: string | undefined;
  /** as the server wrote it */
  readonly expires?: string | undefined;
  /** the whole answer, for what this view does not show */
  readonly raw: Readonly<Record<string, unknown>>;
}

const scanResult = tolerant({
  workflow_result: adverseText,
  blocked_reason: adverseText,
  actions_failed: adverseText,
}).transform((wire): ScanResult => ({
  workflowResult: wire.workflow_result,
  blockedReason: wire.blocked_reason,
  actionsFailed: wire.actions_failed,
}));

const wireStatus = tolerant(
  {
    file_id: id,
    availability_state: z.string().min(1),
    availability_state_key: adverseText,
    processing_state: adverseText,
    name: optionalText,
    path: optionalText,
    size: optionalCount,
    group_id: optionalText,
    scan_result: scanResult.optional().catch(undefined),
    is_sanitized: optionalFlag,
    is_locked: optionalFlag,
    unlock_eta: adverseText,
    is_false_positive: optionalFlag,
    supervisor_approval_state: optionalText,
    administrator_approval_state: optionalText,
    current_approval_count: optionalCount,
    required_approval_count: optionalCount,
    can_be_downloaded: optionalFlag,
    can_be_deleted: optionalFlag,
    can_be_rescanned: optionalFlag,
    is_file_owned: optionalFlag,
    first_upload_time: optionalText,
    expires: optionalText,
  },
  { name: ['displayed_name'], first_upload_time: ['date_created', 'creation_date'] },
);

type WireStatus = z.infer<typeof wireStatus>;

const view = (wire: WireStatus, raw: Readonly<Record<string, unknown>>): FileStatus => ({
  fileId: wire.file_id,
  availabilityState: wire.availability_state,
  availabilityStateKey: wire.availability_state_key,
  processingState: wire.processing_state,
  name: wire.name,
  path: wire.path,
  size: wire.size,
  groupId: wire.group_id,
  scanResult: wire.scan_result,
  isSanitized: wire.is_sanitized,
  isLocked: wire.is_locked,
  unlockEta: wire.unlock_eta,
  isFalsePositive: wire.is_false_positive,
  supervisorApprovalState: wire.supervisor_approval_state,
  administratorApprovalState: wire.administrator_approval_state,
  currentApprovalCount: wire.current_approval_count,
  requiredApprovalCount: wire.required_approval_count,
  canBeDownloaded: wire.can_be_downloaded,
  canBeDeleted: wire.can_be_deleted,
  canBeRescanned: wire.can_be_rescanned,
  isFileOwned: wire.is_file_owned,
  firstUploadTime: wire.first_upload_time,
  expires: wire.expires,
  raw,
});

/** Parses the answer of `GET /file/status/{fileId}`. */
export const fileStatus: Parser<FileStatus> = {
  parse: (raw) => view(wireStatus.parse(raw), isFields(raw) ? raw : {}),
};
