import type { CallOptions } from '@mft-bridge/http-transport';
import type { AttachmentLink, AttachmentList, AttachmentRef } from '../attachment-link';
import type { Mdn } from '../mdn/parse-mdn';
import type { OpenedFile } from './opened-file';

/** The files that belong to the messages of a box. */
export interface FileSource {
  /**
   * Names and addresses of the attachments. The addresses are secrets and end after ten minutes.
   *
   * @throws NotFoundError when the message or its files are gone (files go after about 35 days).
   */
  attachments(id: string, options?: CallOptions): Promise<AttachmentList>;
  /**
   * Opens an attachment as a stream; its length is checked. An address that has ended is asked for anew, once.
   * Given a reference without an address (as stored in a database), the address is asked for first.
   *
   * @example await pipeline(await gateway.inbox.openAttachment(link), createWriteStream(path));
   */
  openAttachment(target: AttachmentLink | AttachmentRef, options?: CallOptions): Promise<OpenedFile>;
  /**
   * The receipt (MDN) of the message, fetched as it went over the wire and taken apart. In the inbox the one that
   * was sent to the partner, in the outbox the one that the partner sent.
   *
   * @throws NotFoundError when there is none (yet); ResponseShapeError above 1 MiB.
   * @example const { disposition, raw } = await gateway.outbox.mdn(sent.id);
   */
  mdn(id: string, options?: CallOptions): Promise<Mdn>;
  /** The same as a stream, not looked into. */
  openMdn(id: string, options?: CallOptions): Promise<OpenedFile>;
}
