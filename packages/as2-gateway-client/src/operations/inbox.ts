import type { Operation } from '@mft-bridge/http-transport';
import { parseInboxMessage } from '../schemas/message';
import type { InboxMessage, Unnamed } from '../schemas/message';
import { parseMessagePage } from '../schemas/message-page';
import type { MessagePage } from '../schemas/message-page';
import { boxOperations, messageEncoder, messageRequestSchema } from './box';
import type { BoxOperations, MessageRequest } from './box';
import { as2Query, encodeListQuery, inboxQuerySchema } from './list-query';
import type { ListQuery } from './list-query';
import type { WireNames } from './wire-names';

/** What the inbox is asked for. */
export type InboxQuery = ListQuery & {
  /** Default true: only messages that were not marked read at the API. */
  readonly unreadOnly?: boolean | undefined;
};

/** The calls about received messages. */
export interface InboxOperations extends BoxOperations {
  readonly list: Operation<InboxQuery, MessagePage>;
  readonly get: Operation<MessageRequest, Unnamed<InboxMessage>>;
  readonly markRead: Operation<MessageRequest, Unnamed<InboxMessage>>;
  readonly markUnread: Operation<MessageRequest, unknown>;
}

/** Declares them. */
export function inboxOperations(names: WireNames): InboxOperations {
  return {
    ...boxOperations('inbox', names),
    list: {
      name: 'inbox.list',
      method: 'GET',
      path: '/message/inbox',
      safety: 'safe',
      input: { parse: (value) => inboxQuerySchema.parse(value) as InboxQuery },
      encode: ({ unreadOnly = true, ...query }) => ({
        query: { ...encodeListQuery(query, names), fetchAll: !unreadOnly },
      }),
      output: { parse: parseMessagePage },
    },
    // The service marks a message read on a plain GET: the flag is never left out, and the two calls differ in
    // safety, so that a look is retried as a look.
    get: {
      name: 'inbox.get',
      method: 'GET',
      path: '/message/inbox/{id}',
      safety: 'safe',
      input: messageRequestSchema,
      encode: ({ id }) => ({ params: { id }, query: as2Query(names, { markAsRead: false }) }),
      output: { parse: parseInboxMessage },
    },
    markRead: {
      name: 'inbox.markRead',
      method: 'GET',
      path: '/message/inbox/{id}',
      safety: 'idempotent',
      input: messageRequestSchema,
      encode: ({ id }) => ({ params: { id }, query: as2Query(names, { markAsRead: true }) }),
      output: { parse: parseInboxMessage },
    },
    markUnread: {
      name: 'inbox.markUnread',
      method: 'POST',
      path: '/message/inbox/{id}/markUnread',
      safety: 'idempotent',
      input: messageRequestSchema,
      encode: messageEncoder(names),
    },
  };
}
