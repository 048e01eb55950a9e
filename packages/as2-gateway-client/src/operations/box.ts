import type { Operation, Parser, RequestParts } from '@mft-bridge/http-transport';
import { z } from 'zod';
import { parseAttachmentList, parseReceiptUrl } from '../schemas/attachment-list';
import type { RawAttachmentList } from '../schemas/attachment-list';
import { parseDeletedIds } from '../schemas/deleted-ids';
import { as2Query } from './list-query';
import { messageIdSchema } from './message-id-schema';
import type { WireNames } from './wire-names';

/** The two places in which a message can be addressed. */
export type Box = 'inbox' | 'outbox';

/** One message. */
export interface MessageRequest {
  readonly id: string;
}

/** Several messages, at most 100. */
export interface MessagesRequest {
  readonly ids: readonly string[];
}

/** Strict reading of a request about one message. */
export const messageRequestSchema: Parser<MessageRequest> = z.strictObject({ id: messageIdSchema });

const messagesRequestSchema: Parser<MessagesRequest> = z.strictObject({
  ids: z.array(messageIdSchema).min(1).max(100),
});

/** The calls that both boxes have in the same form. */
export interface BoxOperations {
  readonly attachments: Operation<MessageRequest, RawAttachmentList>;
  readonly mdn: Operation<MessageRequest, string>;
  readonly delete: Operation<MessageRequest, unknown>;
  readonly deleteMany: Operation<MessagesRequest, readonly string[]>;
}

/** Declares them for one box. */
export function boxOperations(box: Box, names: WireNames): BoxOperations {
  const one = { input: messageRequestSchema, encode: messageEncoder(names) } as const;
  return {
    attachments: {
      name: `${box}.attachments`,
      method: 'GET',
      path: `/message/${box}/{id}/attachments`,
      safety: 'safe',
      ...one,
      output: { parse: parseAttachmentList },
    },
    mdn: {
      name: `${box}.mdn`,
      method: 'GET',
      path: `/message/${box}/{id}/mdn`,
      safety: 'safe',
      ...one,
      output: { parse: parseReceiptUrl },
    },
    delete: {
      name: `${box}.delete`,
      method: 'DELETE',
      path: `/message/${box}/{id}`,
      safety: 'idempotent',
      ...one,
    },
    deleteMany: {
      name: `${box}.deleteMany`,
      method: 'POST',
      path: `/message/${box}/delete`,
      safety: 'idempotent',
      input: messagesRequestSchema,
      encode: ({ ids }) => ({ query: as2Query(names), body: { json: { [names.messageIds]: ids } } }),
      output: { parse: parseDeletedIds },
    },
  };
}

/** The id as one path segment, and the service. */
export function messageEncoder(names: WireNames): (request: MessageRequest) => RequestParts {
  return ({ id }) => ({ params: { id }, query: as2Query(names) });
}
