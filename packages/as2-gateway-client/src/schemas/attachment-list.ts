import { z } from 'zod';

/** Name and pre-signed address of one attachment, as the service gives them. */
export interface RawAttachment {
  readonly name: string;
  readonly url: string;
}

/** What `…/attachments` answers. */
export interface RawAttachmentList {
  /** How many the service says there are; compare with the length of the list. */
  readonly total: number;
  readonly attachments: readonly RawAttachment[];
}

const attachmentSchema = z.looseObject({ name: z.string(), url: z.url({ protocol: /^https?$/ }) });
const attachmentsSchema = z.looseObject({
  total: z.number().int().nonnegative().nullish(),
  attachments: z.array(attachmentSchema),
});

/** Reads the list of attachments. */
export function parseAttachmentList(value: unknown): RawAttachmentList {
  const { total, attachments } = attachmentsSchema.parse(value);
  return {
    total: total ?? attachments.length,
    attachments: attachments.map(({ name, url }) => ({ name, url })),
  };
}

const receiptUrlSchema = z.looseObject({ url: z.url({ protocol: /^https?$/ }) });

/** Reads the answer of `…/mdn`: one pre-signed address. */
export function parseReceiptUrl(value: unknown): string {
  return receiptUrlSchema.parse(value).url;
}
