import type { CallOptions } from '@mft-bridge/http-transport';
import type { ListQuery } from '../operations/list-query';
import type { OutboxBox, OutboxOperations, OutboxQuery } from '../operations/outbox';
import type { OutboxMessage } from '../schemas/message';
import type { MessagePage } from '../schemas/message-page';
import { createFileSource } from './create-file-source';
import { deleteMany } from './delete-many';
import type { DeleteResult } from './delete-many';
import { lookForDelivery } from './delivery';
import type { Delivery } from './delivery';
import { findSubmission } from './find-submission';
import type { SubmissionQuery, SubmissionSearch } from './find-submission';
import { filterAgain, listAll } from './list-all';
import { nameMessage } from './name-message';
import type { OutboxReader } from './outbox-reader';
import type { ResourceContext } from './resource-context';
import { searchMessages, serverPart } from './search-messages';
import type { LocalFilter } from './search-messages';
import { waitForDelivery } from './wait-for-delivery';
import type { WaitOptions } from './wait-for-delivery';

/** What a box of the outbox is searched for. */
export type OutboxSearch = OutboxQuery & LocalFilter & { readonly page?: undefined };

/** Messages that we sent. All methods raise the errors of the README's table. */
export interface Outbox extends OutboxReader {
  /** One page of what was sent: `list({ box: 'sent' })`. */
  sent(query?: ListQuery, options?: CallOptions): Promise<MessagePage>;
  /** One page of what waits to be sent. */
  queued(query?: ListQuery, options?: CallOptions): Promise<MessagePage>;
  /** One page of what could not be sent. A message under retry may stand here and in the queue. */
  failed(query?: ListQuery, options?: CallOptions): Promise<MessagePage>;
  /** One page of what was sent without an acknowledgement. */
  incomplete(query?: ListQuery, options?: CallOptions): Promise<MessagePage>;
  /** All ids that a query finds, page after page. */
  listAll(query?: OutboxQuery, options?: CallOptions): AsyncGenerator<string>;
  /**
   * Messages of a box by filters that the service does not have as well, **on this side**, as {@link Inbox.search}:
   * one call for each message that is listed. A message that its box does not show (see `get`) is left out.
   *
   * @example for await (const { id } of gateway.outbox.search({ partner: 'ACME', attachmentName: 'a.xml' })) console.log(id);
   */
  search(query?: OutboxSearch, options?: CallOptions): AsyncGenerator<OutboxMessage>;
  /**
   * Where the message stands now, and whether the partner has taken it. One look, without waiting.
   *
   * @example const { state, good, disposition } = await gateway.outbox.delivery(sent.id);
   */
  delivery(id: string, options?: CallOptions): Promise<Delivery>;
  /**
   * Looks until the message failed or its receipt is there; at the end of the time the last answer is returned.
   * Outages that pass within the time are waited out.
   *
   * @example const delivery = await gateway.outbox.waitForDelivery(sent.id, { timeoutMs: 600_000 });
   */
  waitForDelivery(id: string, options?: WaitOptions): Promise<Delivery>;
  /**
   * Looks in all boxes for a submit whose answer was lost. Costs two calls and more for each message between the
   * two parties since then. Wait a quarter of a minute after the submit before you believe an empty result.
   *
   * @example
   * const { found, complete } = await gateway.outbox.findSubmission({ from, to, attachmentNames: ['a.xml'], since });
   */
  findSubmission(query: SubmissionQuery, options?: CallOptions): Promise<SubmissionSearch>;
  /** Deletes one message, sent, queued or failed. @throws NotFoundError when there is none of this id. */
  delete(id: string, options?: CallOptions): Promise<void>;
  /** Deletes any number in steps of a hundred, and says which were not deleted. */
  deleteMany(ids: readonly string[], options?: CallOptions): Promise<DeleteResult>;
}

/** Builds the resource over its operations. */
export function createOutbox(operations: OutboxOperations, context: ResourceContext): Outbox {
  const { transport, now, sleep } = context;
  const readPage = ({ box = 'sent', ...query }: OutboxQuery = {}, options?: CallOptions) =>
    transport.call(operations.list[box], query, options);
  const listBox = (box: OutboxBox) => (query?: ListQuery, options?: CallOptions) =>
    outbox.list({ ...query, box }, options);

  const outbox: Outbox = {
    ...createFileSource('outbox', operations, context),
    list: async (query = {}, options) => filterAgain(await readPage(query, options), query),
    sent: listBox('sent'),
    queued: listBox('queued'),
    failed: listBox('failed'),
    incomplete: listBox('incomplete'),
    listAll: (query = {}, options) => listAll((page) => readPage({ ...query, page }, options), query),
    search: (search = {}, options) =>
      searchMessages(outbox.listAll(serverPart<OutboxQuery>(search), options), outbox.get, search, options),
    async get(id, options) {
      const message = await transport.call(operations.get, { id }, options);
      return nameMessage<OutboxMessage>(operations.get.name, id, message);
    },
    delivery: (id, options) => lookForDelivery(reader, id, options),
    waitForDelivery: (id, options) =>
      waitForDelivery({ look: (each) => outbox.delivery(id, each), now, sleep }, options),
    findSubmission: (query, options) => findSubmission(reader, query, options),
    async delete(id, options) {
      await transport.call(operations.delete, { id }, options);
    },
    deleteMany: (ids, options) => deleteMany(transport, operations.deleteMany, ids, options),
  };
  // Pages as they came: a walk ends at one that is not full, and must not take a filtered one for that.
  const reader: OutboxReader = { ...outbox, list: readPage };
  return outbox;
}
