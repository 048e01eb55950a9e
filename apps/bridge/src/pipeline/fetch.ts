import { createHash } from 'node:crypto';
import type { AttachmentList, InboxMessage } from '@mft-bridge/as2-gateway-client';
import { isNotFoundError } from '@mft-bridge/http-transport';
import type { Deposit } from '../custody/custody';
import { CustodyFullError } from '../custody/custody';
import type { PipelineContext } from './context';
import { maybeSameUpload } from './intake/same-upload';

export interface Fetched extends Deposit {
  readonly name: string;
  readonly contentType: string | null;
}

/** The message cannot be taken as it is; it stays unread, is tried again and shown to people. */
export class CannotTakeError extends Error {
  override readonly name = 'CannotTakeError';
}

type FetchContext = Pick<PipelineContext, 'gateway' | 'custody' | 'activity' | 'metrics' | 'settings'>;

/** Until when calls may go on, and how urgent they are. */
interface CallRights {
  readonly signal: AbortSignal;
  readonly priority: number;
}

/**
 * Streams all attachments of a message into custody, once; hash, size and type are taken on the way.
 * Where one of them fails, none stays behind.
 * @throws CannotTakeError, CustodyFullError, and the gateway client's errors
 */
export async function fetchAttachments(
  { gateway, custody, activity, metrics, settings }: FetchContext,
  message: InboxMessage,
  { signal, priority }: CallRights,
): Promise<readonly Fetched[]> {
  const { total, attachments } = await listAttachments(gateway, message, { signal, priority });
  if (total !== attachments.length) {
    throw new CannotTakeError(
      `the gateway counts ${String(total)} attachments and lists ${String(attachments.length)}`,
    );
  }
  if (
    !maybeSameUpload(
      message.raw['attachmentPaths'],
      attachments.map(({ url }) => url),
    )
  ) {
    throw new CannotTakeError(
      'a partner used the id again while the message was fetched: its attachments would be those of the later message; the next try asks for both anew',
    );
  }
  const fetched: Fetched[] = [];
  let bytes = 0;
  try {
    for (const link of attachments) {
      const download = await gateway.inbox.openAttachment(link, { signal, priority });
      const room = Math.min(settings.maxAttachmentBytes, settings.maxMessageBytes - bytes);
      const transfer = activity.begin({
        stage: 'fetch',
        gatewayMessageId: message.id,
        name: link.name,
        total: download.size ?? null,
      });
      try {
        refuseWebPage(link.name, download.contentType);
        if (download.size !== undefined) {
          refuseAbove(room, download.size, link.name);
          await refuseWithoutSpace(custody, download.size, link.name);
        }
        const deposit = await custody.deposit(download.body, {
          name: link.name,
          signal,
          onBytes: (count) => {
            refuseAbove(room, count, link.name);
            transfer.progress(count);
          },
        });
        fetched.push({ ...deposit, name: link.name, contentType: download.contentType ?? null });
        bytes += deposit.size;
        metrics.bytes('fetch', deposit.size);
      } finally {
        transfer.end();
        download.body.destroy();
      }
    }
    return fetched;
  } catch (error) {
    await discard(custody, fetched);
    throw error;
  }
}

/** The gateway answers 404 both for "has none" and for "no longer there"; only the message itself can tell the two apart. */
async function listAttachments(
  gateway: PipelineContext['gateway'],
  message: InboxMessage,
  rights: CallRights,
): Promise<Pick<AttachmentList, 'total' | 'attachments'>> {
  try {
    return await gateway.inbox.attachments(message.id, rights);
  } catch (error) {
    if (!isNotFoundError(error)) throw error;
    const paths = message.raw['attachmentPaths'];
    if (Array.isArray(paths) && paths.length === 0) return { total: 0, attachments: [] };
    throw new CannotTakeError(
      'the gateway has the message but not its attachments: they are deleted there after about 35 days, or by a setting of the partner; ask the partner to send it again',
    );
  }
}

/** Removes deposits that no message will refer to. What a crash leaves behind is swept at the next start. */
export async function discard(
  custody: PipelineContext['custody'],
  deposits: readonly { key: string }[],
): Promise<void> {
  for (const { key } of deposits) await custody.remove(key);
}

/** SHA-256 over names, sizes and hashes in order: equal when the same message is sent again. */
export function contentDigest(
  attachments: readonly { name: string; size: number; sha256: string }[],
): string {
  const hash = createHash('sha256');
  for (const { name, size, sha256 } of attachments) hash.update(JSON.stringify([name, size, sha256]));
  return hash.digest('hex');
}

/** A file that cannot fit is not begun: each try would fill the disk up to the reserve. */
async function refuseWithoutSpace(
  custody: PipelineContext['custody'],
  bytes: number,
  name: string,
): Promise<void> {
  const free = await custody.room();
  if (bytes <= free) return;
  throw new CustodyFullError(
    `"${name}" has ${String(bytes)} bytes, and the custody directory takes ${String(free)} more before its reserve (custody.minFreeBytes). Free some space: intake goes on by itself.`,
  );
}

/**
 * Neither size nor hash of an attachment is known, so a proxy's page with status 200 would be taken for it, scanned and
 * forwarded. What is a page by its name passes.
 */
function refuseWebPage(name: string, contentType: string | undefined): void {
  if (!/^\s*text\/html\b/i.test(contentType ?? '') || /\.(?:x?html?|mht(?:ml)?)$/i.test(name)) return;
  throw new CannotTakeError(
    `the address of attachment "${name}" was answered with a web page, as by a proxy that wants a login; if the partner really sends a page by this name, it must be named .html`,
  );
}

function refuseAbove(limit: number, bytes: number, name: string): void {
  if (bytes <= limit) return;
  throw new CannotTakeError(
    `attachment "${name}" is larger than intake takes (${String(limit)} bytes left); raise intake.maxAttachmentBytes or intake.maxMessageBytes to take it`,
  );
}
