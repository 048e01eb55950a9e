import { fileState, finalState, said, type FileState, type StoredFile } from './stored-file';

/** `supervisor_approval_state`: the first is documented, the others follow the words of the user interface. */
export type ApprovalState = 'ApprovalDisabled' | 'Pending' | 'Approved';

/** What people and outbreak prevention have made of a file, besides the scan. */
export interface FileStanding {
  readonly state: FileState;
  readonly supervisor: ApprovalState;
  readonly administrator: ApprovalState;
  readonly approvals: number;
  readonly requiredApprovals: number;
  /** Epoch ms until which it is locked; undefined where it is not locked now. */
  readonly lockedUntil: number | undefined;
  readonly downloadable: boolean;
}

/**
 * Where a file stands, its script left aside.
 *
 * @param now - Epoch ms.
 * @example
 * fileStanding(file, Date.now()).downloadable;
 */
export function fileStanding(file: StoredFile, now: number): FileStanding {
  const state = fileState(file, now);
  const approval = approvalOf(file, now);
  const { lockedUntil: until } = file;
  const lockedUntil = state === 'Available' && until !== undefined && now < until ? until : undefined;
  const downloadable =
    state === 'Available' && lockedUntil === undefined && approval.supervisor !== 'Pending';
  return { state, ...approval, lockedUntil, downloadable };
}

type ApprovalView = Pick<FileStanding, 'supervisor' | 'administrator' | 'approvals' | 'requiredApprovals'>;

function approvalOf(file: StoredFile, now: number): ApprovalView {
  const found = said(file, now);
  // "Blocked: No Sanitization" can be lifted only by an administrator's approval, not by a supervisor's.
  const waived = file.lifted && found !== undefined && finalState(found) === 'BlockedNoSanitization';
  const administrator = waived ? 'Approved' : 'ApprovalDisabled';
  const { approvalRule: rule } = file;
  if (rule === undefined) {
    // As in the documented sample: one approval is required while approval is disabled.
    return {
      supervisor: 'ApprovalDisabled',
      administrator,
      approvals: waived ? 1 : 0,
      requiredApprovals: 1,
    };
  }
  const { required, skip = 'never' } = rule;
  const skipped =
    skip === 'when-sanitized'
      ? found?.sanitized !== undefined
      : skip !== 'never' && now >= file.startsAt + file.scanTimeMs + skip.afterMs;
  // How a skipped approval is shown is not documented; with full counts it means the same to every reader.
  const approvals = skipped ? required : file.approvals;
  const supervisor = approvals >= required ? 'Approved' : 'Pending';
  return { supervisor, administrator, approvals, requiredApprovals: required };
}
