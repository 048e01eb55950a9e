/**
 * One hand-over to a destination: all obligations of a message that travel together (AS2), or one (a folder).
 *
 * - `due`: nothing was begun
 * - `intended`: an unsafe call is about to be made, or was made and its answer is not known
 * - `submitted`: the destination took it under `remoteId`; not confirmed yet
 * - `staged`: complete under a temporary name; one rename is missing
 * - `delivered`, `failed`: final
 * - `unknown`: nobody can say; searched for, never sent again by the machine unless the route says so
 */
export type DeliveryState = 'due' | 'intended' | 'submitted' | 'staged' | 'delivered' | 'failed' | 'unknown';

export interface Delivery {
  /** Also the delivery key: destinations that can keep a key keep this one. */
  readonly id: string;
  readonly destination: string;
  readonly state: DeliveryState;
  /** Epoch ms of the intent; null before. Nothing of an earlier time can be this delivery. */
  readonly intendedAt: number | null;
  /** Epoch ms after which the call of this intent sends nothing more: whoever takes over waits for it. Null before. */
  readonly sendBy: number | null;
  /** The destination's own name for it: an AS2 message id, a file name. */
  readonly remoteId: string | null;
  /** What the destination showed as proof: the MDN's disposition, the final path. */
  readonly proof: string | null;
}
