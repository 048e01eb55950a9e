/** Why a file is not cleared (or, for `cleared`, nothing). Stable machine codes; an added one is a minor release. */
export type ReasonCode =
  | 'action-failed'
  | 'actions-unknown'
  | 'approval-missing'
  | 'approval-unknown'
  | 'block-lifted'
  | 'blocked'
  | 'blocked-no-sanitization'
  | 'blocked-reason-present'
  | 'deadline-passed'
  | 'deleted'
  | 'expired'
  | 'gone-after-upload'
  | 'identity-missing'
  | 'lock-unknown'
  | 'locked'
  | 'locked-until'
  | 'name-differs'
  | 'not-downloadable'
  | 'overridden'
  | 'processing'
  | 'processing-contradicts'
  | 'processing-failed'
  | 'sanitization-contradicts'
  | 'sanitization-unknown'
  | 'sanitization-waived'
  | 'size-differs'
  | 'state-key-unknown'
  | 'state-unknown'
  | 'workflow-result-missing'
  | 'workflow-result-unknown';

/** Why a file is not cleared. */
export interface Reason {
  /** stable, for programs */
  readonly code: ReasonCode;
  /** one plain sentence for people */
  readonly text: string;
}

/**
 * What one status of a file proves.
 *
 * - `cleared`: the scanner positively allowed these bytes and nothing speaks against it.
 * - `blocked`: the scanner refused the file.
 * - `pending`: not decided yet; look again.
 * - `held`: anything else. Unknown, missing and contradictory are held, never cleared: a person has to look.
 */
export interface Verdict {
  /** what follows from the status; anything but `cleared` means: do not pass it on */
  readonly status: 'cleared' | 'blocked' | 'held' | 'pending';
  /** empty exactly when the status is `cleared` */
  readonly reasons: readonly Reason[];
  /** true: the scanner stores bytes that Deep CDR rebuilt; a verdict `cleared` is about *those*, not about what was uploaded */
  readonly sanitized: boolean;
  /** the file that it is about */
  readonly fileId: string;
  /** the name that the scanner knows the file by */
  readonly name?: string | undefined;
  /** bytes, of what the scanner stores */
  readonly size?: number | undefined;
  /** epoch milliseconds at which outbreak prevention lets the file go, for `pending` with reason `locked-until` */
  readonly unlocksAt?: number | undefined;
}

/** A verdict whose status is known to be `cleared`; what `assertCleared` narrows to. */
export interface ClearedVerdict extends Verdict {
  /** positively cleared */
  readonly status: 'cleared';
}
