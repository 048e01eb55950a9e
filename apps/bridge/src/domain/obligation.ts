import type { Reason } from './reason';

/**
 * Where an obligation is. At every moment it is in exactly one of these:
 * `custody` (the machine still owes it), `delivered`, `quarantined` (bad and locked away),
 * `held` (waits for a person), `dead-letter` (the machine's bounded tries are used up),
 * `observed` (seen in mode observe: recorded, and owed by somebody else).
 */
export type Place = 'custody' | 'delivered' | 'quarantined' | 'held' | 'dead-letter' | 'observed';

/** One artefact for one destination: the unit in which nothing may be lost. */
export interface Obligation {
  readonly id: string;
  /** The attachment it is about; null for the message itself where it carries none. */
  readonly attachmentId: string | null;
  /** Name of the destination in the configuration; null where no route gave one. */
  readonly destination: string | null;
  readonly place: Place;
  readonly reasons: readonly Reason[];
  /** The delivery in which it travels, once decided. */
  readonly deliveryId: string | null;
}

export type ObligationEvent =
  | { readonly type: 'delivered' }
  | { readonly type: 'quarantined'; readonly reasons: readonly Reason[] }
  | { readonly type: 'held'; readonly reasons: readonly Reason[] }
  | { readonly type: 'dead'; readonly reasons: readonly Reason[] }
  | { readonly type: 'observed'; readonly reasons: readonly Reason[] }
  | { readonly type: 'resumed' };

const allowed: Record<ObligationEvent['type'], { from: readonly Place[]; to: Place }> = {
  // From `held` too: a delivery that was unknown may be found at the destination later.
  delivered: { from: ['custody', 'held'], to: 'delivered' },
  quarantined: { from: ['custody'], to: 'quarantined' },
  held: { from: ['custody'], to: 'held' },
  // From `held` too: a delivery that was unknown may be found at the gateway, as failed.
  dead: { from: ['custody', 'held'], to: 'dead-letter' },
  observed: { from: ['custody'], to: 'observed' },
  resumed: { from: ['held', 'dead-letter', 'observed'], to: 'custody' },
};

/** Thrown when an event cannot happen to an obligation in its place: a fault of the caller, never of a partner. */
export class IllegalTransitionError extends Error {
  override readonly name = 'IllegalTransitionError';
}

/** The obligation after `event`. Pure. @throws IllegalTransitionError */
export function advanceObligation(obligation: Obligation, event: ObligationEvent): Obligation {
  const rule = allowed[event.type];
  if (!rule.from.includes(obligation.place)) {
    throw new IllegalTransitionError(
      `obligation ${obligation.id} is ${obligation.place}: it cannot become ${rule.to}`,
    );
  }
  return { ...obligation, place: rule.to, reasons: 'reasons' in event ? event.reasons : [] };
}
