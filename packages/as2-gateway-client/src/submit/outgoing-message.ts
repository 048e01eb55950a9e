import { z } from 'zod';
import { as2Identifier } from '../parties/as2-identifier';
import type { OutgoingAttachment } from './attachment-content';
import { controlProblem, headerTextProblem } from './header-text';

/** A message to be sent. */
export interface OutgoingMessage {
  /** AS2 identifier of the sending station. */
  readonly from: string;
  /** AS2 identifier of the receiving partner. */
  readonly to: string;
  /** Absent: the partner's default subject. */
  readonly subject?: string | undefined;
  /** At least one. */
  readonly attachments: readonly OutgoingAttachment[];
}

/** What to do with text that an HTTP header cannot carry. */
export interface TextOptions {
  /**
   * Attachment names beyond printable ASCII. `refuse` (default): a name beyond Latin-1 raises InvalidRequestError.
   * `multipart`: such a message goes as form data, where a name is UTF-8, also when it has one attachment only.
   */
  readonly nonAsciiNames?: 'refuse' | 'multipart' | undefined;
  /**
   * Subjects beyond Latin-1. `refuse` (default) raises InvalidRequestError; `encoded-word` sends RFC 2047 words,
   * which the receiving side may or may not decode.
   */
  readonly nonAsciiSubject?: 'refuse' | 'encoded-word' | undefined;
}

/** What the submit operation takes. */
export type SubmitRequest = OutgoingMessage & TextOptions;

const attachmentSchema = z
  .strictObject({
    name: z.string().min(1),
    contentType: z
      .string()
      .regex(/^[!-~]+\/[!-~][ -~]*$/, 'a media type looks like "application/edi-x12"')
      // As the type of the request's body it would be taken for the form of a message with several attachments.
      .refine(
        (type) => !/^multipart\/form-data/i.test(type),
        'multipart/form-data cannot be the type of an attachment',
      )
      .optional(),
    content: z.union([
      z.instanceof(Uint8Array),
      z.custom<OutgoingAttachment['content']>(isFunction, 'bytes or a function that opens a stream'),
    ]),
    size: z.number().int().nonnegative().optional(),
  })
  .superRefine(({ content, size }, context) => {
    if (size === undefined || typeof content === 'function' || content.byteLength === size) return;
    context.addIssue({
      code: 'custom',
      path: ['size'],
      message: 'differs from the length of the bytes given',
    });
  });

const schema = z
  .strictObject({
    from: as2Identifier,
    to: as2Identifier,
    subject: z.string().optional(),
    attachments: z.array(attachmentSchema).min(1, 'an AS2 message needs at least one attachment'),
    nonAsciiNames: z.enum(['refuse', 'multipart']).optional(),
    nonAsciiSubject: z.enum(['refuse', 'encoded-word']).optional(),
  })
  .superRefine(({ attachments, nonAsciiNames, subject, nonAsciiSubject }, context) => {
    attachments.forEach(({ name }, index) => {
      const problem = nonAsciiNames === 'multipart' ? controlProblem(name) : headerTextProblem(name);
      if (problem === undefined) return;
      const advice =
        controlProblem(name) === undefined ? '; nonAsciiNames: "multipart" sends it as form data' : '';
      context.addIssue({
        code: 'custom',
        path: ['attachments', index, 'name'],
        message: `${problem}${advice}`,
      });
    });
    if (subject === undefined) return;
    const problem = nonAsciiSubject === 'encoded-word' ? controlProblem(subject) : headerTextProblem(subject);
    if (problem !== undefined) context.addIssue({ code: 'custom', path: ['subject'], message: problem });
  });

/** Strict reading of a message to be sent; the place of what is wrong is named, never the text itself. */
export function parseSubmitRequest(value: unknown): SubmitRequest {
  return schema.parse(value);
}

function isFunction(value: unknown): boolean {
  return typeof value === 'function';
}
