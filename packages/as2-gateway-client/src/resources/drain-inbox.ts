import { isNotFoundError, ResponseShapeError } from '@mft-bridge/http-transport';
import type { CallOptions, Download } from '@mft-bridge/http-transport';
import type { AttachmentRef } from '../attachment-link';
import type { InboxMessage } from '../schemas/message';
import type { Inbox } from './inbox';
import { walkPages } from './walk-pages';

/** Which messages, and what to do with one that cannot be read. */
export interface DrainOptions {
  readonly station?: string | undefined;
  readonly partner?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /**
   * Called for a message that cannot be read (an answer of the wrong shape, files that are gone). The drain goes on
   * with the next one, and the message stays unread. Absent: the error ends the drain.
   */
  readonly onUnreadable?: ((id: string, error: unknown) => void) | undefined;
}

/** An attachment that can be opened at any later time. */
export interface DrainedAttachment extends AttachmentRef {
  open(options?: CallOptions): Promise<Download>;
}

/** A message with its attachments, waiting to be acknowledged. */
export interface DrainedMessage extends InboxMessage {
  readonly attachments: readonly DrainedAttachment[];
  /** Marks it read. Until then any later drain gives it again. */
  acknowledge(options?: CallOptions): Promise<void>;
}

const PAGE_LENGTH = 100;

/** See {@link Inbox.drain}. */
export async function* drainInbox(
  inbox: Inbox,
  { station, partner, signal, onUnreadable }: DrainOptions = {},
): AsyncGenerator<DrainedMessage> {
  const served = new Set<string>();
  const progress = { acknowledged: 0 };
  for (;;) {
    const before = progress.acknowledged;
    const ids = await nextUnserved(inbox, { station, partner }, served, signal);
    // A message acknowledged while the pages were walked moves the later ones up, past the walk: an empty walk
    // ends the drain only when the list stood still.
    if (ids.length === 0 && progress.acknowledged === before) return;
    for (const id of ids) {
      served.add(id);
      const message = await readMessage(inbox, id, progress, { signal, onUnreadable });
      if (message) yield message;
    }
  }
}

// From page 0 every time: acknowledged messages leave the list, so that a remembered offset would skip as many.
// Further pages only while all that a page holds was served and not (yet) acknowledged.
async function nextUnserved(
  inbox: Inbox,
  parties: { station: string | undefined; partner: string | undefined },
  served: ReadonlySet<string>,
  signal: AbortSignal | undefined,
): Promise<readonly string[]> {
  const readPage = (page: number) =>
    inbox.list({ ...parties, unreadOnly: true, sort: 'asc', pageLength: PAGE_LENGTH, page }, { signal });
  for await (const ids of walkPages(readPage, { pageLength: PAGE_LENGTH })) {
    const fresh = ids.filter((id) => !served.has(id));
    if (fresh.length > 0) return fresh;
  }
  return [];
}

async function readMessage(
  inbox: Inbox,
  id: string,
  progress: { acknowledged: number },
  { signal, onUnreadable }: DrainOptions,
): Promise<DrainedMessage | undefined> {
  try {
    const message = await readUnlessDeleted(inbox, id, signal);
    if (!message) return undefined;
    const { total, attachments } = await inbox.attachments(id, { signal });
    if (total !== attachments.length) throw incompleteList(total, attachments.length);
    return {
      ...message,
      attachments: attachments.map((link) => ({
        ...link,
        // The address is tried as it is; should the ten minutes be over by then, a new one is asked for.
        open: (options) => inbox.openAttachment(link, options),
      })),
      async acknowledge(options) {
        await inbox.markRead(id, options);
        progress.acknowledged += 1;
      },
    };
  } catch (error) {
    if (signal?.aborted || !onUnreadable) throw error;
    onUnreadable(id, error);
    return undefined;
  }
}

// Somebody deleted it between the list and now: there is nothing left to serve.
async function readUnlessDeleted(
  inbox: Inbox,
  id: string,
  signal: AbortSignal | undefined,
): Promise<InboxMessage | undefined> {
  try {
    return await inbox.get(id, { signal, markAsRead: false });
  } catch (error) {
    if (isNotFoundError(error)) return undefined;
    throw error;
  }
}

function incompleteList(total: number, listed: number): ResponseShapeError {
  return new ResponseShapeError({
    operation: 'inbox.attachments',
    status: 200,
    message: `inbox.attachments: the message has ${String(total)} attachments, but ${String(listed)} are listed.`,
    hint: 'The message was not served and stays unread. Drain again later.',
    issues: [{ path: 'total', code: 'incomplete_list' }],
  });
}
