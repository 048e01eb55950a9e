import type { CallOptions, Download } from '@mft-bridge/http-transport';
import type { AttachmentLink, AttachmentList, AttachmentRef } from '../attachment-link';
import type { ListQuery } from '../operations/list-query';
import type { OutboxBox, OutboxOperations } from '../operations/outbox';
import type { OutboxMessage } from '../schemas/message';
import type { MessagePage } from '../schemas/message-page';
import { createAttachmentReader } from './attachment-reader';
import { deleteMany } from './delete-many';
import type { DeleteResult } from './delete-many';
import { lookForDelivery } from './delivery';
import type { Delivery } from './delivery';
import { findSubmission } from './find-submission';
import type { SubmissionQuery, SubmissionSearch } from './find-submission';
import { nameMessage } from './name-message';
import type { ResourceContext } from './resource-context';
import { waitForDelivery } from './wait-for-delivery';
import type { WaitOptions } from './wait-for-delivery';
import { walkPages } from './walk-pages';

/** What a box of the outbox is asked for. */
export type OutboxQuery = ListQuery & {
  /** Default `sent`. */
  readonly box?: OutboxBox | undefined;
};

/** Messages that we sent. All methods raise the errors of the README's table. */
export interface Outbox {
  /**
   * One page of message ids of a box, oldest first.
   *
   * @example const { ids } = await gateway.outbox.list({ box: 'failed', partner: 'ACME' });
   */
  list(query?: OutboxQuery, options?: CallOptions): Promise<MessagePage>;
  /** All ids that a query finds, page after page. */
  listAll(query?: OutboxQuery, options?: CallOptions): AsyncGenerator<string>;
  /**
   * One message. Whether queued and failed ones are served here is documented both ways: a 404 is no failure; ask
   * `delivery`.
   *
   * @throws NotFoundError also for some seconds after a submit.
   */
  get(id: string, options?: CallOptions): Promise<OutboxMessage>;
  /** Names and addresses of the attachments, as {@link Inbox.attachments}. */
  attachments(id: string, options?: CallOptions): Promise<AttachmentList>;
  /** Opens an attachment as a stream, as {@link Inbox.openAttachment}. */
  openAttachment(target: AttachmentLink | AttachmentRef, options?: CallOptions): Promise<Download>;
  /** Opens the partner's receipt (MDN) as it came over the wire. */
  openMdn(id: string, options?: CallOptions): Promise<Download>;
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
  delete(id: string, options?: CallOptions): Promise<void>;
  /** Deletes any number in steps of a hundred, and says which were not deleted. */
  deleteMany(ids: readonly string[], options?: CallOptions): Promise<DeleteResult>;
}

/** Builds the resource over its operations. */
export function createOutbox(operations: OutboxOperations, context: ResourceContext): Outbox {
  const { transport, now, sleep } = context;
  const reader = createAttachmentReader('outbox', operations, context);

  const outbox: Outbox = {
    list: ({ box = 'sent', ...query } = {}, options) => transport.call(operations.list[box], query, options),
    async *listAll(query = {}, options) {
      const readPage = (page: number) => outbox.list({ ...query, page }, options);
      for await (const ids of walkPages(readPage, { pageLength: query.pageLength ?? 100 })) yield* ids;
    },
    async get(id, options) {
      const message = await transport.call(operations.get, { id }, options);
      return nameMessage<OutboxMessage>(operations.get.name, id, message);
    },
    attachments: reader.list,
    openAttachment: reader.open,
    openMdn: reader.openMdn,
    delivery: (id, options) => lookForDelivery(outbox, id, options),
    waitForDelivery: (id, options) =>
      waitForDelivery({ look: (each) => lookForDelivery(outbox, id, each), now, sleep }, options),
    findSubmission: (query, options) => findSubmission(outbox, query, options),
    async delete(id, options) {
      await transport.call(operations.delete, { id }, options);
    },
    deleteMany: (ids, options) => deleteMany(transport, operations.deleteMany, ids, options),
  };
  return outbox;
}
