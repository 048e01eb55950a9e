/** What a person asked for is not allowed by the state of the message. The text is for that person. */
export class CommandRefusedError extends Error {
  override readonly name = 'CommandRefusedError';
}
