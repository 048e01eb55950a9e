/** How the reason of whatever waits for a destination begins: by it the waiting is found, and ended. */
export const awayPrefix = (destination: string): string => `Destination ${destination} is away: `;

/**
 * A destination is not there, or another one stands in its place. Says nothing about what is to be delivered: that waits until
 * its deadline, and counts no try. The text says what to do.
 */
export class DestinationAwayError extends Error {
  override readonly name = 'DestinationAwayError';

  /** Nobody could look: it may be the right one all the same. */
  readonly unseen: boolean;

  constructor(destination: string, why: string, { unseen = false }: { readonly unseen?: boolean } = {}) {
    super(awayPrefix(destination) + why);
    this.unseen = unseen;
  }
}
