import type { CallOptions, Transport } from '@mft-bridge/http-transport';
import type { CreateKeyInput, ExtendKeyInput, ListKeysInput } from '../operations/api-key-operations';
import * as operations from '../operations/api-key-operations';
import { cancelKey } from '../operations/session-operations';
import type { ApiKey, IssuedKey } from '../schemas/api-key';
import type { ListPage } from '../schemas/list-page';
import type { Paged } from './paged';
import { paged } from './paged';

const PAGE = 100;

/**
 * Long-lived keys. Administrator level, but for {@link ApiKeys.revoke}. All of it is known from pages of 2019.
 *
 * What a key may do beyond its user's rights, such as *skip scanning*, is set in the user interface and shown by no call.
 */
export interface ApiKeys {
  /**
   * Makes a key for the calling user: `POST /token`. Administrator level. Not repeated when its answer is lost: look with
   * {@link ApiKeys.list}.
   *
   * @returns the key, which is not enumerable: read `key` by name
   * @example
   * const { key } = await md.apiKeys.create({ expires: Date.now() + 90 * 86_400_000, description: 'bridge' });
   */
  create(input: CreateKeyInput, options?: CallOptions): Promise<IssuedKey>;
  /** One page of keys: `GET /tokens/{start}/{count}`. Administrator level. Defaults: start 0, count 100. The server shows keys in clear. */
  list(input?: Partial<ListKeysInput>, options?: CallOptions): Promise<ListPage<ApiKey>>;
  /** All keys, page by page as they are read. */
  iterate(input?: Partial<Omit<ListKeysInput, 'start'>>, options?: CallOptions): Paged<ApiKey>;
  /**
   * Moves the end of a key that is not this client's own: `PUT /token` with that key in a header of its own. Administrator level.
   * Without `byMs` and `until` the server's own span is added.
   *
   * @returns what the server answered. The vendor's sample answers with another key than was sent: store the returned one.
   */
  extend(input: ExtendKeyInput, options?: CallOptions): Promise<IssuedKey>;
  /**
   * Deletes the key that it is given: `DELETE /authenticate`, made with that key. User level: holding the key is all it takes.
   * Every client that uses it is locked out at once.
   */
  revoke(input: { readonly key: string }, options?: CallOptions): Promise<void>;
}

export function createApiKeys(transport: Transport): ApiKeys {
  const list: ApiKeys['list'] = (input, options) =>
    transport.call(operations.listKeys, { start: 0, count: PAGE, ...input }, options);
  return {
    create: (input, options) => transport.call(operations.createKey, input, options),
    list,
    iterate: (input, options) =>
      paged(
        input?.count ?? PAGE,
        ({ keyId }) => keyId,
        (window) => list({ ...input, ...window }, options),
      ),
    extend: (input, options) => transport.call(operations.extendOtherKey, input, options),
    revoke: async (input, options) => {
      await transport.call({ ...cancelKey, name: 'apiKeys.revoke' }, input, options);
    },
  };
}
