/**
 * A destination is not there, or another one stands in its place. Says nothing about what is to be delivered: that waits until
 * its deadline, and counts no try. The text says what to do.
 */
export class DestinationAwayError extends Error {
  override readonly name = 'DestinationAwayError';
}
