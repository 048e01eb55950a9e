/** What a file is shown as from a time on. Whatever a step leaves out is as it would be without it. */
export interface StatusStep {
  /** From when on, in ms since the upload was completed. Default 0. The last step whose time has come holds. */
  readonly afterMs?: number;
  /** `availability_state`. Only `Available` can be downloaded, unless `fields` say otherwise. */
  readonly state?: string;
  /** Laid over `scan_result`. */
  readonly scanResult?: {
    readonly workflow_result?: unknown;
    readonly blocked_reason?: unknown;
    readonly actions_failed?: unknown;
  };
  /** Locked by outbreak prevention, with `unlock_eta` so many ms after the upload was completed; null: none is told. */
  readonly lockedUntilMs?: number | null;
  /** `supervisor_approval_state` and the counts. Any state but `Approved` and `ApprovalDisabled` bars the download. */
  readonly approval?: { readonly state: string; readonly current: number; readonly required: number };
  /** Laid over the status, field by field, in the API's names. */
  readonly fields?: Readonly<Record<string, unknown>>;
  /** Fields that are left out. */
  readonly without?: readonly string[];
  /** A status that must not be believed, drawn from this seed (see `hostileStatus`). The file can be downloaded. */
  readonly hostile?: string | number;
  /** Sent instead of the status, as JSON, whatever it is. The file can be downloaded. */
  readonly raw?: unknown;
  /** 404 to everything. */
  readonly gone?: boolean;
}

/** What a script can have the scanner say. */
export type ScriptedVerdict =
  | 'allowed'
  | 'blocked'
  /** Ends as `ProcessingFailed`. */
  | 'unscannable'
  /** Ends as `BlockedNoSanitization`. */
  | 'not-sanitized'
  | 'sanitized'
  /** Sanitized, but not all of it: `actions_failed` says so. */
  | 'partly-sanitized'
  /** Available without a scan, as by a key that may skip it. */
  | 'unscanned';

/** What becomes of a file. */
export interface FileScript {
  /** In place of the engine, which is not asked. Without one the engine decides. */
  readonly verdict?: ScriptedVerdict;
  /** `blocked_reason`, and the reason in the records. Default `Infected`, `Encrypted Archive`, or none. */
  readonly reason?: string;
  /** What takes the place of a sanitized file. Default: a copy of the upload. */
  readonly bytes?: Uint8Array;
  /** How long its scan takes, in ms. */
  readonly scanTimeMs?: number;
  /** How long it is locked after its scan, in ms. */
  readonly lockMs?: number;
  readonly timeline?: readonly StatusStep[];
  /** For so many files only; then the next script that matches serves. Default: all. */
  readonly times?: number;
}
