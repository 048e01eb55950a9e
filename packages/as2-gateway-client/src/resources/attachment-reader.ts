import { isApiError, ResponseShapeError } from '@mft-bridge/http-transport';
import type { CallOptions, Download } from '@mft-bridge/http-transport';
import { createAttachmentLink } from '../attachment-link';
import type { AttachmentLink, AttachmentList, AttachmentRef } from '../attachment-link';
import type { Box, BoxOperations } from '../operations/box';
import type { ResourceContext } from './resource-context';

/** Attachments and receipts of one box. */
export interface AttachmentReader {
  list(id: string, options?: CallOptions): Promise<AttachmentList>;
  open(target: AttachmentLink | AttachmentRef, options?: CallOptions): Promise<Download>;
  openMdn(id: string, options?: CallOptions): Promise<Download>;
}

/** Reads behind pre-signed addresses, and asks for a new one where the old has ended. */
export function createAttachmentReader(
  box: Box,
  operations: BoxOperations,
  { transport, rules }: ResourceContext,
): AttachmentReader {
  const openOperation = `${box}.openAttachment`;

  async function list(id: string, options?: CallOptions): Promise<AttachmentList> {
    const { total, attachments } = await transport.call(operations.attachments, { id }, options);
    return {
      total,
      attachments: attachments.map(({ name, url }, position) =>
        createAttachmentLink({ id, position, name }, url),
      ),
    };
  }

  function fetchUrl(url: string, operation: string, options?: CallOptions): Promise<Download> {
    return transport.downloadUrl(url, { ...rules, operation }, options);
  }

  async function openAnew(target: AttachmentRef, options?: CallOptions): Promise<Download> {
    const { attachments } = await list(target.id, options);
    return fetchUrl(pickAttachment(attachments, target, openOperation).url, openOperation, options);
  }

  async function open(target: AttachmentLink | AttachmentRef, options?: CallOptions): Promise<Download> {
    if (!('url' in target)) return openAnew(target, options);
    try {
      return await fetchUrl(target.url, openOperation, options);
    } catch (error) {
      if (!isEndedAddress(error)) throw error;
      return openAnew(target, options);
    }
  }

  async function openMdn(id: string, options?: CallOptions): Promise<Download> {
    return fetchUrl(await transport.call(operations.mdn, { id }, options), `${box}.openMdn`, options);
  }

  return { list, open, openMdn };
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
