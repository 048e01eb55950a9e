import type { DueWork } from '../ledger/ledger';
import type { ServiceName } from '../telemetry/activity';
import type { Lane } from './lane';

/** How a step ended. The stage itself has written its outcome where it says `done`. */
export type StageResult =
  /** The outcome is in the ledger and the work's row is gone. */
  | { readonly type: 'done' }
  /**
   * Not there yet: look again later. `failed` counts a try. `cause`: what a call of the service ended with. `unasked`: it did
   * not come to ask the service anything.
   */
  | {
      readonly type: 'later';
      readonly delayMs: number;
      readonly why: string;
      readonly failed: boolean;
      readonly cause?: unknown;
      readonly unasked?: boolean;
    };

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
  /** The service that its steps share: they count against its bound, and wait while it is down. */
  readonly service: ServiceName | null;
  /** Where not every step asks the service: which one this step asks. */
  serviceOf?(work: DueWork): Promise<ServiceName | null>;
  /** Where not every step asks the same of its service: the lane of this step. That of its stage by default. */
  laneOf?(work: DueWork): Promise<Lane>;
}
