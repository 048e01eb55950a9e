import type { Readable } from 'node:stream';
import type { Delivery } from '../domain/delivery';
import type { Reason } from '../domain/reason';
import type { DestinationTraits } from '../domain/route';

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
  | { readonly type: 'not-sent'; readonly why: string }
  /** The call is over and its answer was lost: it may have been done. */
  | { readonly type: 'lost'; readonly why: string }
  | { readonly type: 'again'; readonly why: string };

export interface DeliverySteps {
  /** Durably notes that the unsafe part begins now. Awaited before the first byte leaves. */
  readonly intend: (remoteId?: string) => Promise<void>;
  /** Durably notes that all is complete under a temporary name. */
  readonly staged: (remoteId: string) => Promise<void>;
  readonly onBytes: (sent: number) => void;
  readonly isClaimed: (remoteId: string) => Promise<boolean>;
  readonly signal: AbortSignal;
  readonly now: number;
}

/** A place that cleared bytes are handed to. Errors that are thrown mean "try again"; whatever is final is an outcome. */
export interface Destination extends DestinationTraits {
  readonly kind: 'as2' | 'folder';
  /** Hands over; called again after a crash with the delivery as the ledger knows it. */
  deliver(consignment: Consignment, steps: DeliverySteps): Promise<DeliveryOutcome>;
  /** Asks what became of a submitted delivery. */
  confirm(consignment: Consignment, steps: DeliverySteps): Promise<DeliveryOutcome>;
  /** Looks for a delivery whose fate is unknown; never hands over. `unknown` where it is not there. */
  reconcile(consignment: Consignment, steps: DeliverySteps): Promise<DeliveryOutcome>;
}
