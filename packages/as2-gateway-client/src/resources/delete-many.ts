import type { CallOptions, Transport } from '@mft-bridge/http-transport';
import { isNotFoundError } from '@mft-bridge/http-transport';
import { sameMessageId } from '../message-id';
import type { BoxOperations } from '../operations/box';

/** What became of a list of messages. */
export interface DeleteResult {
  readonly deleted: readonly string[];
  /** Asked for, but not named by the service as deleted. */
  readonly notDeleted: readonly string[];
}

const MOST_AT_ONCE = 100;

/** Deletes in steps of a hundred, which is as many as the service takes. */
export async function deleteMany(
  transport: Transport,
  operation: BoxOperations['deleteMany'],
  ids: readonly string[],
  options?: CallOptions,
): Promise<DeleteResult> {
  const deleted: string[] = [];
  for (let start = 0; start < ids.length; start += MOST_AT_ONCE) {
    try {
      const step = ids.slice(start, start + MOST_AT_ONCE);
      deleted.push(...(await transport.call(operation, { ids: step }, options)));
    } catch (error) {
      // 404 says that none of this step was there; the others may be.
      if (!isNotFoundError(error)) throw error;
    }
  }
  return {
    deleted,
    notDeleted: ids.filter((id) => !deleted.some((other) => sameMessageId(other, id))),
  };
}
