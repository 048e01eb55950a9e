import type { Readable } from 'node:stream';
import type { Delivery } from '../domain/delivery';
import type { Reason } from '../domain/reason';
import type { DestinationTraits } from '../domain/route';
import type { SendWindow } from './send-window';

/** One file of a delivery: the cleared bytes, checked while they are read. */
export interface Parcel {
  readonly name: string;
  readonly contentType: string | null;
  readonly size: number;
  readonly sha256: string;
  /** Opens the bytes from custody anew; may be called for each try. */
  readonly open: () => Readable;
}

export interface Consignment {
  readonly delivery: Delivery;
  readonly station: string;
  readonly partner: string;
  readonly subject: string | null;
  /** Epoch ms at which it came into custody. */
  readonly takenAt: number;
  readonly parcels: readonly Parcel[];
}

/** What one step towards delivery led to. `again`: not known yet, look again later. */
export type DeliveryOutcome =
  | { readonly type: 'submitted'; readonly remoteId: string }
  | { readonly type: 'delivered'; readonly proof: string }
  | { readonly type: 'failed'; readonly reasons: readonly Reason[] }
  | { readonly type: 'unknown'; readonly reasons: readonly Reason[] }
  /** Provably nothing left. `cause` is what the call ended with: it tells whether the service is there at all. */
  | { readonly type: 'not-sent'; readonly why: string; readonly cause?: unknown }
  /** The call is over and its answer was lost: it may have been done. */
  | { readonly type: 'lost'; readonly why: string; readonly cause?: unknown }
  | { readonly type: 'again'; readonly why: string };

/** What had become of a delivery when it was given up. */
export type Abandoned =
  Extract<DeliveryOutcome, { type: 'delivered' }> | { readonly type: 'nothing' | 'unclear' };

export interface DeliverySteps {
  /**
   * Durably notes that the unsafe part begins now, and until when it may send. Awaited before the first byte leaves;
   * past the end of the window nothing may leave any more.
   */
  readonly intend: (remoteId?: string) => Promise<SendWindow>;
  /** Durably notes that all is complete under a temporary name. */
  readonly staged: (remoteId: string) => Promise<void>;
  /** Why nothing may appear at the destination now; null where it may. Asked right before what was staged appears. */
  readonly refusal: () => Promise<string | null>;
  /**
   * To be asked right before a name is touched that whoever takes this work over uses as well. Absent where nobody can.
   * @throws where that may have happened by now
   */
  readonly checkHeld?: () => void;
  readonly onBytes: (sent: number) => void;
  readonly isClaimed: (remoteId: string) => Promise<boolean>;
  readonly signal: AbortSignal;
  readonly now: number;
}

/** A place that cleared bytes are handed to. Errors that are thrown mean "try again"; whatever is final is an outcome. */
export interface Destination extends DestinationTraits {
  readonly kind: 'as2' | 'folder';
  /** Whether it is there, as far as that can be asked without handing over. @throws DestinationAwayError */
  check(): Promise<void>;
  /** Hands over; called again after a crash with the delivery as the ledger knows it. */
  deliver(consignment: Consignment, steps: DeliverySteps): Promise<DeliveryOutcome>;
  /** Asks what became of a submitted delivery. */
  confirm(consignment: Consignment, steps: DeliverySteps): Promise<DeliveryOutcome>;
  /**
   * Looks for a delivery whose fate is unknown; never hands over anew, but ends what was complete but for its name.
   * `unknown` where it is not there.
   */
  reconcile(consignment: Consignment, steps: DeliverySteps): Promise<DeliveryOutcome>;
  /** The delivery is to be given up: says whether something had left, and changes nothing. */
  fate(consignment: Consignment): Promise<Abandoned>;
  /**
   * Takes away what an unfinished try left behind. Called once it is noted that nothing had left: a file that was staged
   * and is gone would count as delivered.
   */
  discard(consignment: Consignment): Promise<void>;
}
