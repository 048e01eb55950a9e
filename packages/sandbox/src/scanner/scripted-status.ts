import { apiDate } from './api-dates';
import type { StatusStep } from './file-script';
import { hostileStatus } from './hostile-status';

/** A status, or whatever else a script has the scanner answer. */
export type StatusFields = Readonly<Record<string, unknown>>;

/** Display key of a state. Only `FILE_STATE_SANITIZED` is documented; the others follow its pattern. */
export function stateKey(state: string): string {
  const words = state.replace(/([a-z])([A-Z])/g, '$1_$2').replace(/\W+/g, '_');
  return `FILE_STATE_${words.toUpperCase()}`;
}

/**
 * Lays a step of a script over the status of a file.
 *
 * @param completedAt - Epoch ms of the end of the upload, from which the step counts.
 * @param now - Epoch ms.
 * @example
 * layStep(status, { state: 'Blocked' }, file.completedAt, Date.now());
 */
export function layStep(
  status: StatusFields,
  step: StatusStep,
  completedAt: number,
  now: number,
): StatusFields {
  const { state, scanResult, lockedUntilMs, approval } = step;
  const laid: Record<string, unknown> = { ...status };
  if (state !== undefined) {
    laid['availability_state'] = state;
    laid['availability_state_key'] = stateKey(state);
  }
  if (scanResult !== undefined)
    laid['scan_result'] = { ...(status['scan_result'] as object | undefined), ...scanResult };
  if (lockedUntilMs !== undefined) {
    const until = lockedUntilMs === null ? undefined : completedAt + lockedUntilMs;
    laid['is_locked'] = until === undefined || now < until;
    laid['unlock_eta'] = until === undefined || now >= until ? null : apiDate(until, 'Z');
  }
  if (approval !== undefined) {
    laid['supervisor_approval_state'] = approval.state;
    laid['current_approval_count'] = approval.current;
    laid['required_approval_count'] = approval.required;
  }
  if (state !== undefined || lockedUntilMs !== undefined || approval !== undefined) {
    const settled = ['Approved', 'ApprovalDisabled', undefined].includes(
      laid['supervisor_approval_state'] as string | undefined,
    );
    laid['can_be_downloaded'] =
      laid['availability_state'] === 'Available' && laid['is_locked'] !== true && settled;
  }
  Object.assign(laid, step.fields);
  for (const name of step.without ?? []) Reflect.deleteProperty(laid, name);
  return laid;
}

/** The whole answer of a step: what `layStep` makes, or what the script sends in its place. */
export function scriptedStatus(
  status: StatusFields,
  step: StatusStep | undefined,
  completedAt: number,
  now: number,
): unknown {
  if (step === undefined) return status;
  if ('raw' in step) return step.raw;
  const laid = layStep(status, step, completedAt, now);
  return step.hostile === undefined ? laid : hostileStatus(laid, step.hostile).status;
}

/** Whether a step lets the file be fetched whatever its status says: whoever believes such a status gets the bytes. */
export function opensDownload(step: StatusStep | undefined): boolean {
  return step !== undefined && ('raw' in step || step.hostile !== undefined);
}
