import type { CallOptions, Transport } from '@mft-bridge/http-transport';
import { isNotFoundError } from '@mft-bridge/http-transport';
import { z } from 'zod';
import { checkInput } from '../check-input';
import { bareMessageId } from '../message-id';
import type { BoxOperations } from '../operations/box';
import { messageIdSchema } from '../operations/message-id-schema';

/** What became of a list of messages. */
export interface DeleteResult {
  /** Those that the service named as deleted, as they were asked for. */
  readonly deleted: readonly string[];
  /** Asked for, but not named by the service as deleted; and what `error` kept from being asked for. */
  readonly notDeleted: readonly string[];
  /**
   * What ended it after some were deleted: the rest is in `notDeleted`. When its `outcome` is `unknown`, up to a hundred
   * of those may be gone all the same; deleting them again does no harm. An error before that is thrown.
   */
  readonly error?: unknown;
}

const MOST_AT_ONCE = 100;
const idsSchema = z.array(messageIdSchema);

/** Deletes in steps of a hundred, which is as many as the service takes. */
export async function deleteMany(
  transport: Transport,
  operation: BoxOperations['deleteMany'],
  ids: readonly string[],
  options?: CallOptions,
): Promise<DeleteResult> {
  // All of them first: the last id must not be found wrong when a hundred messages are gone already.
  checkInput(operation.name, idsSchema, ids);
  const gone = new Set<string>();
  let ended: { readonly error: unknown } | undefined;
  for (let start = 0; start < ids.length && ended === undefined; start += MOST_AT_ONCE) {
    try {
      const step = ids.slice(start, start + MOST_AT_ONCE);
      for (const id of await transport.call(operation, { ids: step }, options)) gone.add(bareMessageId(id));
    } catch (error) {
      // 404 says that none of this step was there; the others may be.
      if (isNotFoundError(error)) continue;
      // Thrown, it would take the list of what was deleted with it.
      if (gone.size === 0) throw error;
      ended = { error };
    }
  }
  return {
    deleted: ids.filter((id) => gone.has(bareMessageId(id))),
    notDeleted: ids.filter((id) => !gone.has(bareMessageId(id))),
    ...ended,
  };
}
