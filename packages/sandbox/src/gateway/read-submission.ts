import busboy from 'busboy';
import type { Request } from 'express';
import { pipeline } from 'node:stream/promises';
import type { BlobStore } from '../blob-store';
import type { IncomingAttachment } from './gateway-state';
import { RefusedError } from './query';

/** What a submit may be. */
export interface SubmissionRules {
  readonly maxBytes: number;
  /** Of parts that are attachments; `File` is the one documented name (reference, section 5). */
  readonly partName: string;
}

/**
 * Takes the body of a submit, in either of its two forms, straight into the blob store.
 *
 * @throws RefusedError 413 above `maxBytes`, 400 for a multipart body without such a part or with an end missing.
 */
export async function readSubmission(
  request: Request,
  blobs: BlobStore,
  { maxBytes, partName }: SubmissionRules,
): Promise<readonly IncomingAttachment[]> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw tooLarge();
  const contentType = request.headers['content-type'] ?? 'application/octet-stream';
  if (/^multipart\/form-data\b/i.test(contentType)) return readParts(request, blobs, { maxBytes, partName });
  const header = request.headers['attachment-name'];
  const name = typeof header === 'string' && header !== '' ? header : 'attachment';
  return [{ name, contentType, blob: await blobs.fromStream(limited(request, maxBytes)) }];
}

async function readParts(
  request: Request,
  blobs: BlobStore,
  { maxBytes, partName }: SubmissionRules,
): Promise<readonly IncomingAttachment[]> {
  const parser = formParser(request);
  const parts: Promise<IncomingAttachment>[] = [];
  parser.on('file', (field, stream, { filename, mimeType }) => {
    if (field !== partName) {
      stream.resume();
      return;
    }
    const position = parts.length + 1;
    const part = blobs.fromStream(stream).then((blob) => ({
      name: filename ?? `attachment-${String(position)}`,
      contentType: mimeType,
      blob,
    }));
    // Its failure is reported by the loop below; until then it must not count as unhandled.
    part.catch(() => undefined);
    parts.push(part);
  });
  try {
    await pipeline(limited(request, maxBytes), parser);
    const attachments = await Promise.all(parts);
    if (attachments.length === 0) throw new RefusedError(400, `Required part '${partName}' is not present`);
    return attachments;
  } catch (error) {
    for (const part of await Promise.allSettled(parts))
      if (part.status === 'fulfilled') await part.value.blob.dispose();
    if (error instanceof RefusedError || !request.complete) throw error;
    throw new RefusedError(400, 'The multipart body cannot be read');
  }
}

function formParser(request: Request): busboy.Busboy {
  try {
    // File names are UTF-8, and arrive as they were sent: without preservePath only their last segment would.
    return busboy({ headers: request.headers, defParamCharset: 'utf8', preservePath: true });
  } catch {
    throw new RefusedError(400, 'The multipart body has no boundary');
  }
}

/** The body, up to the limit. The connection outlives a refusal, so that the caller can read the answer. */
async function* limited(request: Request, maxBytes: number): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    bytes += (chunk as Buffer).length;
    if (bytes > maxBytes) throw tooLarge();
    yield chunk as Buffer;
  }
}

/** In the words of AWS API Gateway, behind which the service is believed to stand. */
function tooLarge(): RefusedError {
  return new RefusedError(413, 'Request Too Long');
}
