import { serverDate } from '../schemas/server-date';
import type { FileStatus } from '../schemas/file-status';
import { overrideMarks } from './override-marks';
import type { Reason, ReasonCode } from './verdict';

export type Check = (status: FileStatus) => Reason | undefined;

const reason = (code: ReasonCode, text: string): Reason => ({ code, text });

/** What a type says and what arrives are two things: a status may be built by hand, and a check must not throw. */
function asText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value !== 'object') return typeof value;
  try {
    return JSON.stringify(value);
  } catch {
    return 'unreadable';
  }
}

/** Text from the server is shown to people and logged: bounded, without control characters and changes of direction. */
export function shown(value: unknown): string {
  if (value === undefined) return 'missing';
  return `"${asText(value)
    .replaceAll(/[\p{Cc}\u2028-\u202e\u2066-\u2069]/gu, ' ')
    .slice(0, 200)}"`;
}

const isEmpty = (text: unknown): boolean => text === null || text === '';
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

const identity: Check = ({ fileId }) =>
  typeof fileId === 'string' && fileId !== ''
    ? undefined
    : reason('identity-missing', 'The status does not say which file it is about.');

const state: Check = ({ availabilityState }) =>
  availabilityState === 'Available'
    ? undefined
    : reason(
        'state-unknown',
        `The availability state ${shown(availabilityState)} is not known to mean "available".`,
      );

/** A display key, but one that may say more than the state does (`…_OVERRIDDEN`), so only the harmless two pass. */
const stateKey: Check = ({ availabilityStateKey: key }) => {
  if (key === undefined || isEmpty(key) || key === 'FILE_STATE_AVAILABLE' || key === 'FILE_STATE_SANITIZED')
    return undefined;
  if (/overrid/i.test(asText(key)))
    return reason('overridden', `A person overruled the scanner: the state key is ${shown(key)}.`);
  return reason('state-key-unknown', `The state key ${shown(key)} is not known to be harmless.`);
};

const downloadable: Check = ({ canBeDownloaded }) =>
  canBeDownloaded === true
    ? undefined
    : reason(
        'not-downloadable',
        `The scanner does not let the file be downloaded (can_be_downloaded: ${shown(canBeDownloaded)}).`,
      );

/**
 * Outbreak prevention keeps a file for a set time, scans it again meanwhile, and lets it go by itself: with a readable time that is
 * waiting (`locked-until`, the only reason that leads to `pending`), without one nobody knows when it ends.
 */
const lock: Check = ({ isLocked, unlockEta }) => {
  if (isLocked === false) return undefined;
  if (isLocked !== true) return reason('lock-unknown', 'The status does not say whether the file is locked.');
  const eta = typeof unlockEta === 'string' ? serverDate(unlockEta) : undefined;
  if (eta === undefined)
    return reason('locked', 'Outbreak prevention keeps the file locked, until when is not said.');
  return reason(
    'locked-until',
    `Outbreak prevention keeps the file locked until ${new Date(eta).toISOString()}.`,
  );
};

/**
 * While approval is disabled the counts mean nothing: the documented sample of a released file has 0 of 1 approvals and both states
 * `ApprovalDisabled`.
 */
const approval: Check = (status) => {
  const states = [status.supervisorApprovalState, status.administratorApprovalState];
  const odd = states.find((one) => one !== 'ApprovalDisabled' && one !== 'Approved');
  if (odd !== undefined || states.includes(undefined)) {
    return reason(
      'approval-unknown',
      `The approval state ${shown(odd)} is not known to mean "approved" or "no approval needed".`,
    );
  }
  if (!states.includes('Approved')) return undefined;
  const { currentApprovalCount: current, requiredApprovalCount: required } = status;
  if (isCount(current) && isCount(required) && current >= required) return undefined;
  return reason('approval-missing', `Approvals: ${shown(current)} of ${shown(required)}.`);
};

const overridden: Check = ({ isFalsePositive, processingState, raw }) => {
  const marks = overrideMarks(raw);
  const said = isFalsePositive !== undefined && (isFalsePositive as unknown) !== null && isFalsePositive;
  if (marks.length === 0 && !said && !/overrid/i.test(asText(processingState))) return undefined;
  const where = marks.length === 0 ? 'status' : marks.slice(0, 3).join(', ');
  return reason('overridden', `A person overruled the scanner (${where}).`);
};

const workflow: Check = ({ scanResult }) => {
  const result: unknown = scanResult?.workflowResult;
  if (result === 'Allowed') return undefined;
  if (result === undefined || isEmpty(result)) {
    return reason('workflow-result-missing', 'No scan result: the file may never have been scanned.');
  }
  if (typeof result === 'string' && /^block/i.test(result)) {
    return reason(
      'block-lifted',
      'The scan blocked the file, yet it is available: somebody lifted the block.',
    );
  }
  return reason(
    'workflow-result-unknown',
    `The scan result ${shown(result)} is not known to mean "allowed".`,
  );
};

const blockedReason: Check = ({ scanResult }) => {
  const why: unknown = scanResult?.blockedReason;
  if (why === undefined || isEmpty(why)) return undefined;
  return reason(
    'blocked-reason-present',
    `A reason for blocking is given although the file is available: ${shown(why)}.`,
  );
};

const actions: Check = ({ scanResult }) => {
  const failed: unknown = scanResult?.actionsFailed;
  if (isEmpty(failed)) return undefined;
  if (failed === undefined)
    return reason('actions-unknown', 'The status does not say whether an action failed.');
  return reason('action-failed', `An action failed while the file was processed: ${shown(failed)}.`);
};

const sanitization: Check = ({ isSanitized, availabilityStateKey, administratorApprovalState }) => {
  if (isSanitized === true) return undefined;
  if (isSanitized !== false) {
    return reason(
      'sanitization-unknown',
      'The status does not say whether the stored bytes are the original or a sanitized copy.',
    );
  }
  if (/sanitized/i.test(asText(availabilityStateKey))) {
    return reason('sanitization-contradicts', 'is_sanitized says no, the state key says yes.');
  }
  // "Blocked: No Sanitization" can be lifted by an administrator's approval alone, and looks like this afterwards.
  if (administratorApprovalState === 'Approved') {
    return reason(
      'sanitization-waived',
      'An administrator approved a file that was not sanitized: that may be a lifted block.',
    );
  }
  return undefined;
};

/** Its values are not documented, so only what plainly contradicts "available" counts. */
const processing: Check = ({ processingState }) =>
  /fail|error|block|cancel|abort|queue|being|composing|pending|progress|processing$|scanning|wait|skip|incomplete|timed|timeout|unprocessed|not[_ ]?(processed|scanned)|unscanned|reject|denied|quarantine|infected|expired|deleted/i.test(
    asText(processingState ?? ''),
  )
    ? reason(
        'processing-contradicts',
        `The file is available, yet its processing state is ${shown(processingState)}.`,
      )
    : undefined;

/** All that must hold before a file is cleared, in the order in which people should read what does not. */
export const clearanceChecks: readonly Check[] = [
  identity,
  state,
  stateKey,
  workflow,
  blockedReason,
  actions,
  sanitization,
  overridden,
  approval,
  downloadable,
  lock,
  processing,
];
