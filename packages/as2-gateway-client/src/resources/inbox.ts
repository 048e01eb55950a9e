import type { CallOptions, Download } from '@mft-bridge/http-transport';
import type { AttachmentLink, AttachmentList, AttachmentRef } from '../attachment-link';
import type { InboxOperations, InboxQuery } from '../operations/inbox';
import type { InboxMessage } from '../schemas/message';
import type { MessagePage } from '../schemas/message-page';
import { createAttachmentReader } from './attachment-reader';
import { deleteMany } from './delete-many';
import type { DeleteResult } from './delete-many';
import { drainInbox } from './drain-inbox';
import type { DrainedMessage, DrainOptions } from './drain-inbox';
import { nameMessage } from './name-message';
import type { ResourceContext } from './resource-context';
import { walkPages } from './walk-pages';

/** Messages that partners sent to us. All methods raise the errors of the README's table. */
export interface Inbox {
  /**
   * One page of message ids: unread ones, oldest first, a hundred, unless asked otherwise.
   * While messages are being marked read, read page 0 again and again: later pages move up and skip some.
   *
   * @example const { ids } = await gateway.inbox.list({ station: 'HUB' });
   */
  list(query?: InboxQuery, options?: CallOptions): Promise<MessagePage>;
  /**
   * All ids that a query finds, page after page. Not for use while messages are being marked read: see `drain`.
   *
   * @example for await (const id of gateway.inbox.listAll({ unreadOnly: false })) console.log(id);
   */
  listAll(query?: InboxQuery, options?: CallOptions): AsyncGenerator<string>;
  /**
   * One message. It is *not* marked read unless asked for (the service's own default is to mark it).
   *
   * @throws NotFoundError when there is none of this id.
   * @example const message = await gateway.inbox.get(id);
   */
  get(id: string, options?: CallOptions & { readonly markAsRead?: boolean }): Promise<InboxMessage>;
  /** Marks it read at the API, so that lists of unread messages leave it out. The console keeps its own mark. */
  markRead(id: string, options?: CallOptions): Promise<InboxMessage>;
  /** Takes the mark back. */
  markUnread(id: string, options?: CallOptions): Promise<void>;
  /**
   * Names and addresses of the attachments. The addresses are secrets and end after ten minutes.
   *
   * @throws NotFoundError when the message or its files are gone (files go after about 35 days).
   */
  attachments(id: string, options?: CallOptions): Promise<AttachmentList>;
  /**
   * Opens an attachment as a stream; its length is checked. An address that has ended is asked for anew, once.
   * Given a reference without an address (as stored in a database), the address is asked for first.
   *
   * @example await pipeline((await gateway.inbox.openAttachment(link)).body, createWriteStream(path));
   */
  openAttachment(target: AttachmentLink | AttachmentRef, options?: CallOptions): Promise<Download>;
  /** Opens the receipt (MDN) that was sent for the message, as it went over the wire. */
  openMdn(id: string, options?: CallOptions): Promise<Download>;
  delete(id: string, options?: CallOptions): Promise<void>;
  /** Deletes any number in steps of a hundred, and says which were not deleted. */
  deleteMany(ids: readonly string[], options?: CallOptions): Promise<DeleteResult>;
  /**
   * Every unread message once, oldest first, until there is none left. A message counts as done only when it was
   * acknowledged; one that was not comes again in the next drain, never twice in the same.
   *
   * @example
   * for await (const message of gateway.inbox.drain({ station: 'HUB' })) {
   *   for (const { name, open } of message.attachments) await store(name, (await open()).body);
   *   await message.acknowledge();
   * }
   */
  drain(options?: DrainOptions): AsyncGenerator<DrainedMessage>;
}

/** Builds the resource over its operations. */
export function createInbox(operations: InboxOperations, context: ResourceContext): Inbox {
  const { transport } = context;
  const reader = createAttachmentReader('inbox', operations, context);

  const inbox: Inbox = {
    list: (query = {}, options) => transport.call(operations.list, query, options),
    async *listAll(query = {}, options) {
      const readPage = (page: number) => inbox.list({ ...query, page }, options);
      for await (const ids of walkPages(readPage, { pageLength: query.pageLength ?? 100 })) yield* ids;
    },
    async get(id, { markAsRead = false, ...options } = {}) {
      const operation = markAsRead ? operations.markRead : operations.get;
      return nameMessage<InboxMessage>(operation.name, id, await transport.call(operation, { id }, options));
    },
    markRead: (id, options) => inbox.get(id, { ...options, markAsRead: true }),
    async markUnread(id, options) {
      await transport.call(operations.markUnread, { id }, options);
    },
    attachments: reader.list,
    openAttachment: reader.open,
    openMdn: reader.openMdn,
    async delete(id, options) {
      await transport.call(operations.delete, { id }, options);
    },
    deleteMany: (ids, options) => deleteMany(transport, operations.deleteMany, ids, options),
    drain: (options) => drainInbox(inbox, options),
  };
  return inbox;
}
