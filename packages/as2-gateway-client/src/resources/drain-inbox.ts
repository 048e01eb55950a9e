import { checkOptionNames, isNotFoundError, ResponseShapeError } from '@mft-bridge/http-transport';
import type { CallOptions, OptionNames } from '@mft-bridge/http-transport';
import type { AttachmentRef } from '../attachment-link';
import type { InboxMessage } from '../schemas/message';
import { callOptionNames } from './call-option-names';
import type { InboxReader } from './inbox-reader';
import type { OpenedFile } from './opened-file';
import { matches } from './search-messages';
import { walkPages } from './walk-pages';

/**
 * Which messages, and what to do with one that cannot be read. `signal` ends the drain and what it opened, but not
 * an acknowledgement; `priority`, `clocks` and `maxAttempts` hold for all its calls.
 */
export interface DrainOptions extends Omit<CallOptions, 'onSent'> {
  /** Only messages to this station of ours. */
  readonly station?: string | undefined;
  /** Only messages from this partner. */
  readonly partner?: string | undefined;
  /**
   * Called for a message that cannot be read (an answer of the wrong shape, files that are gone). The drain goes on
   * with the next one, and the message stays unread. Absent: the error ends the drain.
   */
  readonly onUnreadable?: ((id: string, error: unknown) => void) | undefined;
}

/** An attachment that can be opened at any later time. */
export interface DrainedAttachment extends AttachmentRef {
  /** Opens it as a stream; its address is asked for anew where the ten minutes are over. */
  open(options?: CallOptions): Promise<OpenedFile>;
}

/** A message with its attachments, waiting to be acknowledged. */
export interface DrainedMessage extends InboxMessage {
  /** All of them: their number was compared with what the service says. */
  readonly attachments: readonly DrainedAttachment[];
  /** Marks it read. Until then any later drain gives it again. */
  acknowledge(options?: CallOptions): Promise<void>;
}

const PAGE_LENGTH = 100;
const drainNames: OptionNames<DrainOptions> = {
  ...callOptionNames,
  station: true,
  partner: true,
  onUnreadable: true,
};

/** See {@link Inbox.drain}. */
export async function* drainInbox(
  inbox: InboxReader,
  { station, partner, onUnreadable, ...options }: DrainOptions = {},
): AsyncGenerator<DrainedMessage> {
  // A misspelt station would drain all of them.
  checkOptionNames('inbox.drain', options as DrainOptions, drainNames);
  const served = new Set<string>();
  const progress = { acknowledged: 0 };
  for (;;) {
    const before = progress.acknowledged;
    const ids = await nextUnserved(inbox, { station, partner }, served, options);
    // A message acknowledged while the pages were walked moves the later ones up, past the walk: an empty walk
    // ends the drain only when the list stood still.
    if (ids.length === 0 && progress.acknowledged === before) return;
    for (const id of ids) {
      served.add(id);
      const message = await readMessage(inbox, id, progress, { onUnreadable, ...options });
      // A filter that the service ignored must not hand out what belongs to somebody else's drain.
      if (message && matches(message, { station, partner })) yield message;
    }
  }
}

// From page 0 every time: acknowledged messages leave the list, so that a remembered offset would skip as many.
// Further pages only while all that a page holds was served and not (yet) acknowledged.
async function nextUnserved(
  inbox: InboxReader,
  parties: { station: string | undefined; partner: string | undefined },
  served: ReadonlySet<string>,
  options: CallOptions,
): Promise<readonly string[]> {
  const readPage = (page: number) =>
    inbox.list({ ...parties, unreadOnly: true, sort: 'asc', pageLength: PAGE_LENGTH, page }, options);
  for await (const ids of walkPages(readPage, { pageLength: PAGE_LENGTH })) {
    const fresh = ids.filter((id) => !served.has(id));
    if (fresh.length > 0) return fresh;
  }
  return [];
}

async function readMessage(
  inbox: InboxReader,
  id: string,
  progress: { acknowledged: number },
  { onUnreadable, ...options }: DrainOptions,
): Promise<DrainedMessage | undefined> {
  try {
    // Both at once, which saves the time of one call a message. That the files are missing counts only for a message
    // that is there.
    const listing = inbox.attachments(id, options);
    listing.catch(() => undefined);
    const message = await readUnlessDeleted(inbox, id, options);
    if (!message) return undefined;
    const { total, attachments } = await listing;
    if (total !== attachments.length) throw incompleteList(total, attachments.length);
    return {
      ...message,
      attachments: attachments.map((link) => ({
        ...link,
        // The address is tried as it is; should the ten minutes be over by then, a new one is asked for.
        open: (each) => inbox.openAttachment(link, { ...options, ...each }),
      })),
      async acknowledge(each) {
        // Not with the drain's signal: what the caller has stored it must be able to acknowledge on its way out.
        await inbox.markRead(id, { ...options, signal: undefined, ...each });
        progress.acknowledged += 1;
      },
    };
  } catch (error) {
    if (options.signal?.aborted || !onUnreadable) throw error;
    onUnreadable(id, error);
    return undefined;
  }
}

// Somebody deleted it between the list and now: there is nothing left to serve.
async function readUnlessDeleted(
  inbox: InboxReader,
  id: string,
  options: CallOptions,
): Promise<InboxMessage | undefined> {
  try {
    return await inbox.get(id, { ...options, markAsRead: false });
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
