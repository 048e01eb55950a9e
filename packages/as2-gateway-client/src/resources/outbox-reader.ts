import type { CallOptions } from '@mft-bridge/http-transport';
import type { OutboxQuery } from '../operations/outbox';
import type { OutboxMessage } from '../schemas/message';
import type { MessagePage } from '../schemas/message-page';
import type { FileSource } from './file-source';

/** The single calls of the outbox, out of which the longer ways (`delivery`, `findSubmission`) are made. */
export interface OutboxReader extends FileSource {
  /**
   * One page of message ids of a box, oldest first.
   *
   * @example const { ids } = await gateway.outbox.list({ box: 'failed', partner: 'ACME' });
   */
  list(query?: OutboxQuery, options?: CallOptions): Promise<MessagePage>;
  /**
   * One message. Whether queued and failed ones are served here is documented both ways: a 404 is no failure; ask
   * `delivery`.
   *
   * @throws NotFoundError also for some seconds after a submit.
   */
  get(id: string, options?: CallOptions): Promise<OutboxMessage>;
}
