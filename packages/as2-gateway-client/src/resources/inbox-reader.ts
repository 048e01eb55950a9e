import type { CallOptions } from '@mft-bridge/http-transport';
import type { InboxQuery } from '../operations/inbox';
import type { InboxMessage } from '../schemas/message';
import type { MessagePage } from '../schemas/message-page';
import type { FileSource } from './file-source';

/** The single calls of the inbox, out of which the longer ways (`drain`, `search`) are made. */
export interface InboxReader extends FileSource {
  /**
   * One page of message ids: unread ones, oldest first, a hundred, unless asked otherwise.
   * While messages are being marked read, read page 0 again and again: later pages move up and skip some.
   *
   * @example const { ids } = await gateway.inbox.list({ station: 'HUB' });
   */
  list(query?: InboxQuery, options?: CallOptions): Promise<MessagePage>;
  /**
   * One message. It is *not* marked read unless asked for (the service's own default is to mark it).
   *
   * @throws NotFoundError when there is none of this id.
   * @example const message = await gateway.inbox.get(id);
   */
  get(id: string, options?: CallOptions & { readonly markAsRead?: boolean }): Promise<InboxMessage>;
  /** Marks it read at the API, so that lists of unread messages leave it out. The console keeps its own mark. */
  markRead(id: string, options?: CallOptions): Promise<InboxMessage>;
}
