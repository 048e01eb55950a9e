import { isApiError } from '@mft-bridge/http-transport';
import { CustodyDamagedError } from '../custody/custody';
import type { Attachment, Message } from '../domain/message';
import { publishStep } from '../telemetry/steps';
import type { PipelineContext } from './context';
import { record } from './record';

/**
 * Uploads one attachment whole. The group id was stored before the first call and the file id is stored before the
 * first byte, so that a crash leaves nothing nameless at the scanner. The file is closed there only if hash and size
 * of what left custody agree with what was taken into it.
 */
export async function uploadAttachment(
  context: PipelineContext,
  message: Message,
  attachment: Attachment,
  { firstTry, signal }: { firstTry: boolean; signal: AbortSignal },
): Promise<void> {
  const { scanner, custody, activity, metrics, settings } = context;
  const groupId = await freshGroup(context, message, attachment, { firstTry, signal });
  const transfer = activity.begin({
    stage: 'scan',
    messageId: message.id,
    gatewayMessageId: message.gatewayId,
    name: attachment.name,
    total: attachment.size,
  });
  try {
    await scanner.uploads.uploadFile(
      { open: () => custody.open(attachment.custodyKey), size: attachment.size },
      {
        groupId,
        fileName: attachment.scan.uploadName,
        expiresAfterMs: settings.scan.expiresAfterMs,
        signal,
        onProgress: ({ sent }) => transfer.progress(sent),
        onFileOpened: async (fileId) => {
          await record(context, message.id, () => [
            { type: 'file-opened', attachmentId: attachment.id, fileId },
          ]);
          publishStep({ stage: 'scan', point: 'file-opened', subject: attachment.id });
        },
        beforeClose: ({ size, sha256 }) => {
          publishStep({ stage: 'scan', point: 'before-close', subject: attachment.id });
          if (size !== attachment.size || sha256 !== attachment.sha256) {
            throw new CustodyDamagedError(
              `the bytes of attachment ${attachment.id} are not those that were taken into custody`,
            );
          }
        },
      },
    );
    publishStep({ stage: 'scan', point: 'uploaded', subject: attachment.id });
    metrics.bytes('scan', attachment.size);
    const { size, sha256 } = attachment;
    await record(context, message.id, () => [
      { type: 'uploaded', attachmentId: attachment.id, bytes: { size, sha256 } },
    ]);
  } finally {
    transfer.end();
  }
}

/**
 * The group id for this try. The first claim uses the one that was stored when the message was taken; a group whose
 * try was cut off is aborted and never used again, since what it holds is unknown.
 */
async function freshGroup(
  context: PipelineContext,
  message: Message,
  attachment: Attachment,
  { firstTry, signal }: { firstTry: boolean; signal: AbortSignal },
): Promise<string> {
  const { groupId: stored, fileId } = attachment.scan;
  if (stored !== null && fileId === null && firstTry) return stored;
  if (stored !== null) await abortGroup(context, stored, signal);
  const groupId = context.newId();
  await record(context, message.id, () => [{ type: 'scan-opened', attachmentId: attachment.id, groupId }]);
  return groupId;
}

/** An orphan costs the scanner space, never us safety: where it refuses, its own expiry takes the group. */
async function abortGroup(
  { scanner, log }: PipelineContext,
  groupId: string,
  signal: AbortSignal,
): Promise<void> {
  try {
    await scanner.transfers.abort({ groupId }, { signal });
  } catch (error) {
    if (!isApiError(error)) throw error;
    log.debug({ groupId, status: error.status }, 'the scanner did not abort an unfinished upload');
  }
}
