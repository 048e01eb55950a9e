import { apiDate } from './api-dates';
import type { Account } from './accounts';
import { fileStanding, type FileStanding } from './file-standing';
import { layStep, opensDownload, scriptedStatus, stateKey, type StatusFields } from './scripted-status';
import type { ScannerSettings } from './settings';
import { status2018 } from './status-2018';
import { currentStep, finalState, said, servedContent, type StoredFile } from './stored-file';

/**
 * The answer to `GET /file/status/{id}`: the fields of the sample of 20 May 2021, and `availability_state_key`
 * of 3.x; or the shape of 2018. As in the sample of 2021 one approval is required while approval is disabled.
 * A script may have anything answered in its place, hence `unknown`.
 *
 * @example
 * response.json(fileStatus(file, account, Date.now(), '2021'));
 */
export function fileStatus(
  file: StoredFile,
  viewer: Account,
  now: number,
  shape: ScannerSettings['statusFields'],
): unknown {
  const status =
    shape === '2018' ? status2018(file, status2021(file, viewer, now)) : status2021(file, viewer, now);
  return scriptedStatus(status, currentStep(file, now), file.completedAt, now);
}

/** Whether a download is answered with the bytes. */
export function mayDownload(file: StoredFile, now: number): boolean {
  const step = currentStep(file, now);
  if (opensDownload(step)) return true;
  const status = status2021(file, file.owner, now);
  return (
    (step === undefined ? status : layStep(status, step, file.completedAt, now))['can_be_downloaded'] === true
  );
}

function status2021(file: StoredFile, viewer: Account, now: number): StatusFields {
  const standing = fileStanding(file, now);
  const { state, lockedUntil } = standing;
  const found = said(file, now);
  const mine = file.owner.userId === viewer.userId;
  const finished = found !== undefined || file.unscanned;
  return {
    administrator_approval_state: standing.administrator,
    availability_state: state,
    availability_state_key: displayKey(file, standing, now),
    can_be_deleted: state !== 'Deleted' && (mine || viewer.role === 'Administrator'),
    can_be_downloaded: standing.downloadable,
    can_be_rescanned: finished && state !== 'Deleted' && state !== 'Expired',
    current_approval_count: standing.approvals,
    file_id: file.fileId,
    is_locked: lockedUntil !== undefined,
    is_sanitized: found?.sanitized !== undefined,
    name: file.name,
    // The field is documented, its values are not.
    processing_state: finished ? 'Processed' : 'BeingProcessed',
    required_approval_count: standing.requiredApprovals,
    scan_result: scanResult(file, now),
    supervisor_approval_state: standing.supervisor,
    unlock_eta: lockedUntil === undefined ? null : apiDate(lockedUntil, 'Z'),
    first_upload_time: apiDate(file.completedAt, ''),
    is_file_owned: mine,
    path: file.path,
    size: servedContent(file, now).size,
  };
}

/** One entry of `GET /files/{type}/{start}/{count}`, its fields in alphabetical order as in the 3.x tutorial. */
export function fileListItem(file: StoredFile, now: number): StatusFields {
  const standing = fileStanding(file, now);
  const item: StatusFields = {
    administrator_approval_state: standing.administrator,
    availability_state: standing.state,
    availability_state_key: displayKey(file, standing, now),
    can_access_scan_results: said(file, now) !== undefined,
    can_be_archived: standing.state === 'Available',
    can_be_downloaded: standing.downloadable,
    creation_date: apiDate(file.completedAt, 'Z'),
    expires: file.expiresAt === undefined ? null : apiDate(file.expiresAt, ''),
    file_id: file.fileId,
    is_sanitized: said(file, now)?.sanitized !== undefined,
    name: file.name,
    path: file.path,
    size: servedContent(file, now).size,
  };
  const step = currentStep(file, now);
  if (step === undefined) return item;
  const laid = layStep(item, step, file.completedAt, now);
  return Object.fromEntries(Object.entries(laid).filter(([name]) => name in item));
}

function displayKey(file: StoredFile, { state }: FileStanding, now: number): string {
  const found = said(file, now);
  if (state !== 'Available' || found === undefined) return stateKey(state);
  if (found.sanitized !== undefined) return 'FILE_STATE_SANITIZED';
  // The user interface shows "Available - overridden"; how the API says it is not documented.
  return stateKey(finalState(found) === 'Available' ? state : 'Available - overridden');
}

/**
 * `workflow_result` mirrors the process result of MetaDefender Core. It is empty where no result was reached: an
 * archive that could not be opened was neither allowed nor blocked, and `blocked_reason` says why there is no result.
 * Nobody documents what an override changes here.
 */
function scanResult(file: StoredFile, now: number): Record<string, string | null> {
  if (file.unscanned) return { actions_failed: null, blocked_reason: null, workflow_result: null };
  const found = said(file, now);
  if (found === undefined) return { actions_failed: '', blocked_reason: '', workflow_result: '' };
  const { verdict, reason, failedAction } = found;
  const lifted = file.lifted && file.liftedResult === 'Allowed';
  return {
    actions_failed: failedAction,
    blocked_reason: verdict === 'blocked' || verdict === 'unscannable' ? reason : '',
    workflow_result: lifted
      ? 'Allowed'
      : verdict === 'blocked'
        ? 'Blocked'
        : verdict === 'unscannable'
          ? ''
          : 'Allowed',
  };
}
