import type { Operation } from '@mft-bridge/http-transport';
import { parseOutboxMessage } from '../schemas/message';
import type { OutboxMessage, Unnamed } from '../schemas/message';
import { parseMessagePage } from '../schemas/message-page';
import type { MessagePage } from '../schemas/message-page';
import { boxOperations, messageEncoder, messageRequestSchema } from './box';
import type { BoxOperations, MessageRequest } from './box';
import { encodeListQuery, listQuerySchema } from './list-query';
import type { ListQuery } from './list-query';
import type { WireNames } from './wire-names';

/** Where an outbound message can stand. `incomplete`: sent, but its acknowledgement is missing. */
export type OutboxBox = 'sent' | 'queued' | 'failed' | 'incomplete';

/** What a box of the outbox is asked for. */
export type OutboxQuery = ListQuery & {
  /** Default `sent`. */
  readonly box?: OutboxBox | undefined;
};

/** The calls about messages that we sent. */
export interface OutboxOperations extends BoxOperations {
  readonly list: Readonly<Record<OutboxBox, Operation<ListQuery, MessagePage>>>;
  readonly get: Operation<MessageRequest, Unnamed<OutboxMessage>>;
}

/** Declares them. */
export function outboxOperations(names: WireNames): OutboxOperations {
  const list = (box: OutboxBox, path: string): Operation<ListQuery, MessagePage> => ({
    name: `outbox.list.${box}`,
    method: 'GET',
    path,
    safety: 'safe',
    input: { parse: (value) => listQuerySchema.parse(value) as ListQuery },
    encode: (query) => ({ query: encodeListQuery(query, names) }),
    output: { parse: parseMessagePage },
  });
  return {
    ...boxOperations('outbox', names),
    list: {
      sent: list('sent', '/message/outbox'),
      queued: list('queued', '/message/outbox/queued'),
      failed: list('failed', '/message/outbox/failed'),
      incomplete: list('incomplete', '/message/outbox/incomplete'),
    },
    get: {
      name: 'outbox.get',
      method: 'GET',
      path: '/message/outbox/{id}',
      safety: 'safe',
      input: messageRequestSchema,
      encode: messageEncoder(names),
      output: { parse: parseOutboxMessage },
    },
  };
}
