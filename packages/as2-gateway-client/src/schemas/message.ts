import { z } from 'zod';
import { parseDisposition } from '../mdn/parse-disposition';
import type { Disposition } from '../mdn/parse-disposition';
import { fieldNames, pickField } from './field-names';
import { present } from './present';

/** The receipt (MDN) that belongs to a message. */
export interface MessageReceipt {
  /** Taken apart; undefined where the answer has none. */
  readonly disposition?: Disposition;
  /** The text for people, as the partner's system wrote it. */
  readonly humanMessage?: string;
  /** True: we received it. False: we sent it. */
  readonly incoming?: boolean;
  /** Whether it came signed. */
  readonly signed?: boolean;
}

/** What both boxes tell of a message. A field that the service left out is absent. */
export interface GatewayMessage {
  /** The AS2 message id, with its angle brackets. */
  readonly id: string;
  /** AS2 identifier of our side: the receiver of an inbound, the sender of an outbound message. */
  readonly station?: string;
  /** AS2 identifier of the other side. */
  readonly partner?: string;
  /** As the sender chose it: data, to be escaped where it is shown. */
  readonly subject?: string;
  /** Milliseconds since 1970. */
  readonly timestamp?: number;
  /** State in the service's own words, e.g. `Received`, `Sent`. An open set. */
  readonly status?: string;
  /** Receipt state in the service's own words, e.g. `Received; MDN Signature Verified`. An open set. */
  readonly receiptStatus?: string;
  /** Absent where there is none (yet). */
  readonly receipt?: MessageReceipt;
  /** Whether the receipt's digest equals the message's. Only means something for messages that we sent. */
  readonly micMatches?: boolean;
  /** True when the message was marked read at the API. The console keeps its own mark. */
  readonly read?: boolean;
  /** How often sending failed. */
  readonly failures?: number;
  /** Names as the storage paths end. `attachments()` is the better source. */
  readonly attachmentNames: readonly string[];
  /** The answer as it came; numbers beyond 2^53 as strings. */
  readonly raw: Readonly<Record<string, unknown>>;
}

/** A message that a partner sent to us. */
export interface InboxMessage extends GatewayMessage {
  /** AS2 identifier of the receiver, which is us. */
  readonly station: string;
  /** AS2 identifier of the sender. */
  readonly partner: string;
}

/** A message that we sent, or that waits to be sent. */
export type OutboxMessage = GatewayMessage;

/** An answer's message: its id may be missing there, and is then the one that was asked for. */
export type Unnamed<T extends GatewayMessage> = Omit<T, 'id'> & { readonly id?: string };

const text = z.string().nullish();
const flag = z.boolean().nullish().catch(undefined);

const receiptSchema = z.looseObject({
  disposition: text,
  humanMessage: text.catch(undefined),
  incoming: z.boolean().nullish(),
  signed: flag,
});

// Strict where a decision hangs on the field, forgiving where it only informs: a surprise in `failures` must
// not cost a message, one in `micMatches` must not read as "no objection".
const messageSchema = z.looseObject({
  subject: text,
  timestamp: z
    .union([
      z.number(),
      z
        .string()
        .regex(/^\d{1,15}$/)
        .transform(Number),
    ])
    .nullish(),
  msgStatus: text,
  mdnStatus: text,
  mdnMessage: receiptSchema.nullish(),
  micMatches: z.boolean().nullish(),
  apiFetched: flag,
  failures: z.number().nullish().catch(undefined),
  attachmentPaths: z.array(z.string()).nullish(),
});

const idSchema = z.object({ identifier: z.string().min(1).optional() });
const partiesSchema = z.object({
  senderIdentifier: z.string().min(1),
  receiverIdentifier: z.string().min(1),
});

/** Reads a message of the inbox, of either generation of names. Whose it is must be in it. */
export function parseInboxMessage(value: unknown): Unnamed<InboxMessage> {
  const raw = recordSchema.parse(value);
  const parties = partiesSchema.parse(partiesOf(raw));
  return { ...commonFields(raw), station: parties.receiverIdentifier, partner: parties.senderIdentifier };
}

/** Reads a message of the outbox, of either generation of names. */
export function parseOutboxMessage(value: unknown): Unnamed<OutboxMessage> {
  const raw = recordSchema.parse(value);
  const parties = partiesSchema.partial().parse(partiesOf(raw));
  return {
    ...commonFields(raw),
    ...present({ station: parties.senderIdentifier, partner: parties.receiverIdentifier }),
  };
}

const recordSchema = z.record(z.string(), z.unknown());

function partiesOf(raw: Record<string, unknown>): Record<string, unknown> {
  return {
    senderIdentifier: pickField(raw, fieldNames.sender),
    receiverIdentifier: pickField(raw, fieldNames.receiver),
  };
}

function commonFields(raw: Record<string, unknown>): Unnamed<GatewayMessage> {
  const fields = messageSchema.parse(raw);
  const { identifier } = idSchema.parse({ identifier: pickField(raw, fieldNames.messageId) });
  return {
    ...present({
      id: identifier,
      subject: fields.subject,
      timestamp: fields.timestamp,
      status: fields.msgStatus,
      receiptStatus: fields.mdnStatus,
      receipt: fields.mdnMessage ? receiptOf(fields.mdnMessage) : undefined,
      micMatches: fields.micMatches,
      read: fields.apiFetched,
      failures: fields.failures,
    }),
    attachmentNames: (fields.attachmentPaths ?? []).map(attachmentNameOf),
    raw,
  };
}

function receiptOf(receipt: z.output<typeof receiptSchema>): MessageReceipt {
  return present({
    disposition: receipt.disposition ? parseDisposition(receipt.disposition) : undefined,
    humanMessage: receipt.humanMessage,
    incoming: receipt.incoming,
    signed: receipt.signed,
  });
}

/**
 * `AS2/files/<station>/<partner>/inbox/<stamp or id>/<name>`. A partner chooses the name, and it may hold
 * slashes; so it is what stands behind the known folders, not what stands behind the last slash.
 */
export function attachmentNameOf(path: string): string {
  const known = /^AS2\/files\/[^/]+\/[^/]+\/(?:inbox|outbox)\/[^/]+\/(.+)$/s.exec(path);
  return known?.[1] ?? path.slice(path.lastIndexOf('/') + 1);
}
