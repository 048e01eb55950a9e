import type { DueWork } from '../ledger/ledger';

/** How a step ended. The stage itself has written its outcome where it says `done`. */
export type StageResult =
  /** The outcome is in the ledger and the work's row is gone. */
  | { readonly type: 'done' }
  /** Not there yet: look again later. `failed` counts a try. */
  | { readonly type: 'later'; readonly delayMs: number; readonly why: string; readonly failed: boolean };

/** One stage of the way. Errors that it throws are classified by the runner and lead to another try. */
export interface StageHandler {
  run(work: DueWork, signal: AbortSignal): Promise<StageResult>;
  /** The bounded tries are used up, or the deadline has passed: leads to a place where people see it. */
  giveUp(
    work: DueWork,
    why: { text: string; unreadable: boolean; overdue: boolean; damaged: boolean },
  ): Promise<void>;
  /** After how long this work is overdue; null where it has no deadline because nothing is owed by it. */
  readonly deadlineMs: number | null;
  /** Counted tries. */
  readonly tries: number;
  readonly service: 'scanner' | 'gateway' | null;
}
