import type { Readable } from 'node:stream';
import { sizeOf, streamPieces } from './attachment-content';
import type { OutgoingAttachment } from './attachment-content';

/** A body that can be opened again for another try. */
export interface EncodedBody {
  readonly contentType: string;
  /** Bytes of the whole body; undefined when the size of an attachment is not known. */
  readonly length?: number;
  readonly open: () => Readable;
}

/** How to encode. */
export interface MultipartOptions {
  /** Unguessable, 1 to 70 characters of the set that RFC 2046 allows. */
  readonly boundary: string;
  /** Name of each part. */
  readonly field: string;
}

const CRLF = '\r\n';

/**
 * `multipart/form-data` (RFC 7578) of the attachments, streamed one after the other.
 *
 * File names are UTF-8, as browsers send them; `filename*` is not allowed in form data. Names must be free of
 * line breaks and unique: see {@link uniqueNames}.
 */
export function encodeMultipart(
  attachments: readonly OutgoingAttachment[],
  { boundary, field }: MultipartOptions,
): EncodedBody {
  const parts = attachments.map((attachment) => ({
    attachment,
    head: Buffer.from(partHead(boundary, field, attachment)),
  }));
  const tail = Buffer.from(`--${boundary}--${CRLF}`);
  const length = parts.reduce<number | undefined>((sum, { attachment, head }) => {
    const size = sizeOf(attachment);
    return sum === undefined || size === undefined ? undefined : sum + head.length + size + CRLF.length;
  }, tail.length);

  const pieces = [...parts.flatMap(({ attachment, head }) => [head, attachment, Buffer.from(CRLF)]), tail];
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    ...(length === undefined ? {} : { length }),
    open: () => streamPieces(pieces),
  };
}

function partHead(boundary: string, field: string, attachment: OutgoingAttachment): string {
  return (
    `--${boundary}${CRLF}` +
    `Content-Disposition: form-data; name=${quoted(field)}; filename=${quoted(attachment.name)}${CRLF}` +
    `Content-Type: ${attachment.contentType ?? 'application/octet-stream'}${CRLF}${CRLF}`
  );
}

// Quoted string of RFC 9110: quote and backslash are escaped. (Browsers write %22 instead, which servers that
// parse mail headers leave in the name.)
function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}
