/** Where messages of a station and partner go. `null` in `match` fits everything; the first route that fits is taken. */
export interface Route {
  readonly name: string;
  readonly match: { readonly station: string | null; readonly partner: string | null };
  /** Names of destinations: each attachment is owed to each of them. */
  readonly destinations: readonly string[];
  /** `hold`: a delivery whose fate is unknown waits for a person. `resend`: it is sent again (at least once). */
  readonly onUnknown: 'hold' | 'resend';
  /** What becomes of a message that somebody else marked read before it was in custody. */
  readonly readElsewhere: 'hold' | 'take';
  /** Messages of one partner are delivered in the order in which the gateway received them; one that is held does not stop the next. */
  readonly inOrder: boolean;
}

/** What the domain must know of a destination. */
export interface DestinationTraits {
  readonly name: string;
  /** Whether a message travels as a whole or each attachment by itself. */
  readonly unit: 'message' | 'attachment';
  /** Largest attachment sum (unit `message`) or attachment (unit `attachment`) in bytes; null for no limit. */
  readonly maxBytes: number | null;
  /** Whether it can carry this file name unchanged. */
  readonly carriesName: (name: string) => boolean;
}

/** The first route that fits, or null. Pure. */
export function findRoute(routes: readonly Route[], station: string, partner: string): Route | null {
  const fits = (wanted: string | null, is: string): boolean => wanted === null || wanted === is;
  return routes.find(({ match }) => fits(match.station, station) && fits(match.partner, partner)) ?? null;
}
