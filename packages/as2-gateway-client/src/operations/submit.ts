import type { Operation, RequestBody } from '@mft-bridge/http-transport';
import { submittedIdOf } from '../schemas/submission';
import { sizeOf, streamPieces } from '../submit/attachment-content';
import type { OutgoingAttachment } from '../submit/attachment-content';
import { encodeMultipart } from '../submit/encode-multipart';
import { encodeWords, headerTextProblem, isPlainHeaderText } from '../submit/header-text';
import { parseSubmitRequest } from '../submit/outgoing-message';
import type { SubmitRequest } from '../submit/outgoing-message';
import { uniqueNames } from '../submit/unique-names';
import { as2Query } from './list-query';
import type { WireNames } from './wire-names';

/** How several attachments are put into one body. */
export interface SubmitOptions {
  /** Name of each part. */
  readonly field: string;
  /** A fresh, unguessable boundary. */
  readonly boundary: () => string;
}

/**
 * Declares the one unsafe call. Its output is the id in the body, if there is one: the message is queued whatever
 * the body looks like, and `Link` may name it instead.
 */
export function submitOperation(
  names: WireNames,
  options: SubmitOptions,
): Operation<SubmitRequest, string | undefined> {
  return {
    name: 'messages.send',
    method: 'POST',
    path: '/message/submit',
    safety: 'unsafe',
    input: { parse: parseSubmitRequest },
    encode: (request) => {
      const [only, ...others] = request.attachments;
      const raw = only !== undefined && others.length === 0 && fitsHeader(only.name, request);
      return {
        query: as2Query(names),
        headers: {
          'AS2-From': request.from,
          'AS2-To': request.to,
          Subject: request.subject === undefined ? undefined : subjectHeader(request.subject),
          'Attachment-Name': raw ? only.name : undefined,
        },
        body: raw ? rawBody(only) : multipartBody(request.attachments, options),
      };
    },
    output: { parse: submittedIdOf },
  };
}

// The header form is documented for one attachment only. How the service reads Latin-1 in it is not known, so with
// `multipart` allowed anything beyond ASCII goes as form data.
function fitsHeader(name: string, { nonAsciiNames }: SubmitRequest): boolean {
  return nonAsciiNames !== 'multipart' || isPlainHeaderText(name);
}

function subjectHeader(subject: string): string {
  return headerTextProblem(subject) === undefined ? subject : encodeWords(subject);
}

function rawBody(attachment: OutgoingAttachment): RequestBody {
  const contentType = attachment.contentType ?? 'application/octet-stream';
  if (typeof attachment.content !== 'function') return { bytes: attachment.content, contentType };
  return {
    open: () => streamPieces([attachment]),
    length: sizeOf(attachment),
    contentType,
  };
}

function multipartBody(attachments: readonly OutgoingAttachment[], options: SubmitOptions): RequestBody {
  const names = uniqueNames(attachments.map(({ name }) => name));
  const named = attachments.map((attachment, index) => ({
    ...attachment,
    name: names[index] ?? attachment.name,
  }));
  return encodeMultipart(named, { boundary: options.boundary(), field: options.field });
}
