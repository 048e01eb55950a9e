import type { CallOptions } from '@mft-bridge/http-transport';
import type { InboxOperations, InboxQuery } from '../operations/inbox';
import type { InboxMessage } from '../schemas/message';
import { createFileSource } from './create-file-source';
import { deleteMany } from './delete-many';
import type { DeleteResult } from './delete-many';
import { drainInbox } from './drain-inbox';
import type { DrainedMessage, DrainOptions } from './drain-inbox';
import type { InboxReader } from './inbox-reader';
import { filterAgain, listAll } from './list-all';
import { nameMessage } from './name-message';
import type { ResourceContext } from './resource-context';
import { searchMessages, serverPart } from './search-messages';
import type { LocalFilter } from './search-messages';

/** What the inbox is searched for. `unreadOnly` is false unless asked for. */
export type InboxSearch = InboxQuery & LocalFilter & { readonly page?: undefined };

/** Messages that partners sent to us. All methods raise the errors of the README's table. */
export interface Inbox extends InboxReader {
  /**
   * All ids that a query finds, page after page. Not for use while messages are being marked read: see `drain`.
   *
   * @example for await (const id of gateway.inbox.listAll({ unreadOnly: false })) console.log(id);
   */
  listAll(query?: InboxQuery, options?: CallOptions): AsyncGenerator<string>;
  /**
   * Messages, read or not, by filters that the service does not have as well: time and attachment name. Those work
   * **on this side**: every message that the service lists is read, one call for each, so narrow it by partner or
   * station. Whatever the service did not filter is filtered again.
   *
   * @example
   * const since = new Date(Date.now() - 86_400_000);
   * for await (const { id, subject } of gateway.inbox.search({ partner: 'ACME', since })) console.log(id, subject);
   */
  search(query?: InboxSearch, options?: CallOptions): AsyncGenerator<InboxMessage>;
  /** Takes the mark back. */
  markUnread(id: string, options?: CallOptions): Promise<void>;
  /** Deletes one message. @throws NotFoundError when there is none of this id. */
  delete(id: string, options?: CallOptions): Promise<void>;
  /** Deletes any number in steps of a hundred, and says which were not deleted. */
  deleteMany(ids: readonly string[], options?: CallOptions): Promise<DeleteResult>;
  /**
   * Every unread message once, oldest first, until there is none left. A message counts as done only when it was
   * acknowledged; one that was not comes again in the next drain, never twice in the same.
   *
   * @example
   * for await (const message of gateway.inbox.drain({ station: 'HUB' })) {
   *   for (const { name, open } of message.attachments) await store(name, await open());
   *   await message.acknowledge();
   * }
   */
  drain(options?: DrainOptions): AsyncGenerator<DrainedMessage>;
}

/** Builds the resource over its operations. */
export function createInbox(operations: InboxOperations, context: ResourceContext): Inbox {
  const { transport } = context;
  const readPage = (query: InboxQuery, options?: CallOptions) =>
    transport.call(operations.list, query, options);

  const inbox: Inbox = {
    ...createFileSource('inbox', operations, context),
    list: async (query = {}, options) => filterAgain(await readPage(query, options), query),
    listAll: (query = {}, options) => listAll((page) => readPage({ ...query, page }, options), query),
    search(search = {}, options) {
      const query = { unreadOnly: false, ...serverPart<InboxQuery>(search) };
      return searchMessages(inbox.listAll(query, options), inbox.get, search, options);
    },
    async get(id, { markAsRead = false, ...options } = {}) {
      // Nothing but `true` marks: the text "false" of a configuration is true as well, and a mark hides a message.
      const operation = (markAsRead as unknown) === true ? operations.markRead : operations.get;
      return nameMessage<InboxMessage>(operation.name, id, await transport.call(operation, { id }, options));
    },
    markRead: (id, options) => inbox.get(id, { ...options, markAsRead: true }),
    async markUnread(id, options) {
      await transport.call(operations.markUnread, { id }, options);
    },
    async delete(id, options) {
      await transport.call(operations.delete, { id }, options);
    },
    deleteMany: (ids, options) => deleteMany(transport, operations.deleteMany, ids, options),
    drain: (options) => drainInbox(inbox, options),
  };
  return inbox;
}
