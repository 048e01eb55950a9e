import type { FileStatus } from '../schemas/file-status';
import { serverDate } from '../schemas/server-date';
import { clearanceChecks, shown } from './clearance-checks';
import type { Reason, Verdict } from './verdict';

/** What the caller knows of the file that it uploaded. */
export interface ExpectedFile {
  /** the name that was sent: another one (also a missing one) holds the file */
  readonly name?: string | undefined;
  /** bytes that were sent: compared unless the scanner sanitized the file, since then the size may change */
  readonly size?: number | undefined;
}

const blockedStates: ReadonlyMap<unknown, Reason['code']> = new Map<unknown, Reason['code']>([
  ['Blocked', 'blocked'],
  ['BlockedNoSanitization', 'blocked-no-sanitization'],
]);
/** States in which there is nothing left to decide; what else is missing then only repeats it. */
const endStates: ReadonlyMap<unknown, Reason> = new Map<unknown, Reason>([
  ['ProcessingFailed', { code: 'processing-failed', text: 'The scanner could not process the file.' }],
  ['Expired', { code: 'expired', text: 'The file expired at the scanner.' }],
  ['Deleted', { code: 'deleted', text: 'The file was deleted at the scanner.' }],
]);
const pendingStates: ReadonlySet<unknown> = new Set(['Composing', 'QueuedForProcessing', 'BeingProcessed']);

/**
 * Decides what a status proves. Pure: no clock, no network.
 *
 * A file is `cleared` only if every one of these holds: the state is `Available`, it may be downloaded, it is not locked, approvals
 * are met (their counts mean nothing while approval is disabled), no person overruled the scanner, `workflow_result` is `Allowed`
 * without a reason for blocking, no action failed, and `is_sanitized` is a plain true or false that nothing contradicts. Anything
 * missing, unknown or contradictory is `held`. A lock with a readable end is `pending`.
 *
 * @param expected what was uploaded; a status that names another file is held
 * @example
 * const verdict = evaluateVerdict(await md.files.status(fileId));
 * if (verdict.status !== 'cleared') console.error(verdict.reasons);
 */
export function evaluateVerdict(status: FileStatus, expected: ExpectedFile = {}): Verdict {
  const facts = {
    sanitized: status.isSanitized === true,
    fileId: status.fileId,
    name: status.name,
    size: status.size,
  };
  const { availabilityState } = status;
  const code = blockedStates.get(availabilityState);
  if (code !== undefined)
    return { ...facts, status: 'blocked', reasons: [{ code, text: blockText(status, code) }] };
  if (pendingStates.has(availabilityState)) {
    return {
      ...facts,
      status: 'pending',
      reasons: [{ code: 'processing', text: `The scanner has not finished (${availabilityState}).` }],
    };
  }
  const end = endStates.get(availabilityState);
  if (end !== undefined) {
    return {
      ...facts,
      status: 'held',
      reasons: [{ code: end.code, text: `${end.text}${givenReason(status)}` }],
    };
  }
  const reasons = [
    ...clearanceChecks.map((check) => check(status)).filter((reason) => reason !== undefined),
    ...differences(status, expected),
  ];
  if (reasons.length === 0) return { ...facts, status: 'cleared', reasons };
  if (reasons.every((reason) => reason.code === 'locked-until')) {
    return { ...facts, status: 'pending', reasons, unlocksAt: serverDate(status.unlockEta) };
  }
  return { ...facts, status: 'held', reasons };
}

function givenReason(status: FileStatus): string {
  const why = status.scanResult?.blockedReason;
  return why === undefined || why === null || why === '' ? '' : ` Reason given: ${shown(why)}.`;
}

function blockText(status: FileStatus, code: Reason['code']): string {
  const what = code === 'blocked' ? 'blocked the file' : 'blocked the file because it could not be sanitized';
  return `The scanner ${what}.${givenReason(status)}`;
}

function differences(status: FileStatus, expected: ExpectedFile): readonly Reason[] {
  const found: Reason[] = [];
  if (expected.name !== undefined && status.name !== expected.name) {
    found.push({
      code: 'name-differs',
      text: `The scanner speaks of ${shown(status.name)}, sent was ${shown(expected.name)}.`,
    });
  }
  if (expected.size !== undefined && status.isSanitized !== true && status.size !== expected.size) {
    found.push({
      code: 'size-differs',
      text: `The scanner has ${shown(status.size)} bytes, sent were ${String(expected.size)}.`,
    });
  }
  return found;
}
