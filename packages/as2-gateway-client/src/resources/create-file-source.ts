import { isApiError, ResponseShapeError } from '@mft-bridge/http-transport';
import type { CallOptions } from '@mft-bridge/http-transport';
import { createAttachmentLink } from '../attachment-link';
import type { AttachmentLink, AttachmentList, AttachmentRef } from '../attachment-link';
import { parseMdn } from '../mdn/parse-mdn';
import type { Mdn } from '../mdn/parse-mdn';
import type { Box, BoxOperations } from '../operations/box';
import type { FileSource } from './file-source';
import { openedFile } from './opened-file';
import type { OpenedFile } from './opened-file';
import type { ResourceContext } from './resource-context';

/** An MDN is a few kilobytes of text; this much is kept in memory and no more. */
const MOST_MDN_BYTES = 1024 * 1024;

/** Reads behind pre-signed addresses, and asks for a new one where the old has ended. */
export function createFileSource(
  box: Box,
  operations: BoxOperations,
  { transport, rules }: ResourceContext,
): FileSource {
  const openOperation = `${box}.openAttachment`;

  async function attachments(id: string, options?: CallOptions): Promise<AttachmentList> {
    const { total, attachments: listed } = await transport.call(operations.attachments, { id }, options);
    return {
      total,
      attachments: listed.map(({ name, url }, position) => createAttachmentLink({ id, position, name }, url)),
    };
  }

  async function fetchUrl(url: string, operation: string, options?: CallOptions): Promise<OpenedFile> {
    return openedFile(await transport.downloadUrl(url, { ...rules, operation }, options));
  }

  async function openAnew(target: AttachmentRef, options?: CallOptions): Promise<OpenedFile> {
    const list = await attachments(target.id, options);
    return fetchUrl(pickAttachment(list.attachments, target, openOperation).url, openOperation, options);
  }

  async function openAttachment(
    target: AttachmentLink | AttachmentRef,
    options?: CallOptions,
  ): Promise<OpenedFile> {
    if (!('url' in target)) return openAnew(target, options);
    try {
      return await fetchUrl(target.url, openOperation, options);
    } catch (error) {
      if (!isEndedAddress(error)) throw error;
      return openAnew(target, options);
    }
  }

  async function openMdn(id: string, options?: CallOptions): Promise<OpenedFile> {
    return fetchUrl(await transport.call(operations.mdn, { id }, options), `${box}.openMdn`, options);
  }

  async function mdn(id: string, options?: CallOptions): Promise<Mdn> {
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of await openMdn(id, options)) {
      size += chunk.byteLength;
      if (size > MOST_MDN_BYTES) throw tooLargeMdn(`${box}.mdn`);
      chunks.push(chunk);
    }
    return parseMdn(Buffer.concat(chunks));
  }

  return { attachments, openAttachment, mdn, openMdn };
}

function tooLargeMdn(operation: string): ResponseShapeError {
  return new ResponseShapeError({
    operation,
    status: 200,
    message: `${operation}: the receipt is larger than ${String(MOST_MDN_BYTES)} bytes.`,
    hint: 'Read it as a stream, with openMdn.',
    issues: [{ path: '', code: 'too_large' }],
  });
}

// S3 answers 403 to an address past its ten minutes and 400 to one whose credentials have ended; 404 is a file that
// was moved or deleted. Each deserves one new address before it is believed.
function isEndedAddress(error: unknown): boolean {
  return isApiError(error) && [400, 403, 404].includes(error.status);
}

// The position decides between two attachments of one name, and the name confirms it. When the list was changed in
// between, a name that is there once still tells which is meant; anything else would be a guess.
function pickAttachment(
  attachments: readonly AttachmentLink[],
  { position, name }: AttachmentRef,
  operation: string,
): AttachmentLink {
  const there = attachments[position];
  if (there?.name === name) return there;
  const [named, ...others] = attachments.filter((attachment) => attachment.name === name);
  if (named && others.length === 0) return named;
  throw new ResponseShapeError({
    operation,
    status: 200,
    message:
      `${operation}: the message's list of attachments (${String(attachments.length)} entries) no longer has the ` +
      `one at position ${String(position)} under its name.`,
    hint: 'Read the list again with attachments(id) and compare it with the one before.',
    issues: [{ path: `attachments.${String(position)}.name`, code: 'other_attachment' }],
  });
}
