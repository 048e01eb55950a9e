import { ResponseShapeError } from '@mft-bridge/http-transport';
import { sameMessageId } from '../message-id';
import type { GatewayMessage, Unnamed } from '../schemas/message';

/**
 * Gives a message the id it was asked for by. An answer about another message is refused: whoever acts on it would
 * act on the wrong one.
 */
export function nameMessage<T extends GatewayMessage>(operation: string, id: string, message: Unnamed<T>): T {
  if (message.id !== undefined && !sameMessageId(message.id, id)) {
    throw new ResponseShapeError({
      operation,
      status: 200,
      message: `${operation}: the service answered with another message than the one that was asked for.`,
      hint: 'Nothing of the answer was used. Repeat the call; if it stays so, report it to the vendor with the id.',
      issues: [{ path: 'identifier', code: 'other_message' }],
    });
  }
  return { ...message, id } as unknown as T;
}
