import { apiDate } from './api-dates';
import type { Account } from './accounts';
import { fileState, said, servedContent, type FileState, type StoredFile } from './stored-file';

/** Only `FILE_STATE_SANITIZED` is documented; the others follow its pattern. */
const STATE_KEYS: Readonly<Record<FileState, string>> = {
  Composing: 'FILE_STATE_COMPOSING',
  QueuedForProcessing: 'FILE_STATE_QUEUED_FOR_PROCESSING',
  BeingProcessed: 'FILE_STATE_BEING_PROCESSED',
  Available: 'FILE_STATE_AVAILABLE',
  Blocked: 'FILE_STATE_BLOCKED',
  BlockedNoSanitization: 'FILE_STATE_BLOCKED_NO_SANITIZATION',
  ProcessingFailed: 'FILE_STATE_PROCESSING_FAILED',
  Expired: 'FILE_STATE_EXPIRED',
  Deleted: 'FILE_STATE_DELETED',
};

/**
 * The answer to `GET /file/status/{id}`: the fields of the sample of 20 May 2021, and `availability_state_key`
 * of 3.x. As in that sample one approval is required while approval is disabled.
 *
 * @example
 * response.json(fileStatus(file, account, Date.now()));
 */
export function fileStatus(file: StoredFile, viewer: Account, now: number): Record<string, unknown> {
  const state = fileState(file, now);
  const found = said(file, now);
  const mine = file.owner.userId === viewer.userId;
  return {
    administrator_approval_state: 'ApprovalDisabled',
    availability_state: state,
    availability_state_key: stateKey(file, state, now),
    can_be_deleted: state !== 'Deleted' && (mine || viewer.role === 'Administrator'),
    can_be_downloaded: state === 'Available',
    can_be_rescanned: found !== undefined && state !== 'Deleted' && state !== 'Expired',
    current_approval_count: 0,
    file_id: file.fileId,
    is_locked: false,
    is_sanitized: found?.sanitized !== undefined,
    name: file.name,
    // The field is documented, its values are not.
    processing_state: found === undefined ? 'BeingProcessed' : 'Processed',
    required_approval_count: 1,
    scan_result: scanResult(file, now),
    supervisor_approval_state: 'ApprovalDisabled',
    unlock_eta: null,
    first_upload_time: apiDate(file.completedAt, ''),
    is_file_owned: mine,
    path: file.path,
    size: servedContent(file, now).size,
  };
}

/** One entry of `GET /files/{type}/{start}/{count}`, its fields in alphabetical order as in the 3.x tutorial. */
export function fileListItem(file: StoredFile, now: number): Record<string, unknown> {
  const state = fileState(file, now);
  return {
    administrator_approval_state: 'ApprovalDisabled',
    availability_state: state,
    availability_state_key: stateKey(file, state, now),
    can_access_scan_results: said(file, now) !== undefined,
    can_be_archived: state === 'Available',
    can_be_downloaded: state === 'Available',
    creation_date: apiDate(file.completedAt, 'Z'),
    expires: file.expiresAt === undefined ? null : apiDate(file.expiresAt, ''),
    file_id: file.fileId,
    is_sanitized: said(file, now)?.sanitized !== undefined,
    name: file.name,
    path: file.path,
    size: servedContent(file, now).size,
  };
}

function stateKey(file: StoredFile, state: FileState, now: number): string {
  const sanitized = state === 'Available' && said(file, now)?.sanitized !== undefined;
  return sanitized ? 'FILE_STATE_SANITIZED' : STATE_KEYS[state];
}

/**
 * `workflow_result` mirrors the process result of MetaDefender Core. It is empty where no result was reached: an
 * archive that could not be opened was neither allowed nor blocked, and `blocked_reason` says why there is no result.
 */
function scanResult(file: StoredFile, now: number): Record<string, string> {
  const found = said(file, now);
  if (found === undefined) return { actions_failed: '', blocked_reason: '', workflow_result: '' };
  const { verdict, reason, failedAction } = found;
  return {
    actions_failed: failedAction,
    blocked_reason: verdict === 'blocked' || verdict === 'unscannable' ? reason : '',
    workflow_result: verdict === 'blocked' ? 'Blocked' : verdict === 'unscannable' ? '' : 'Allowed',
  };
}
