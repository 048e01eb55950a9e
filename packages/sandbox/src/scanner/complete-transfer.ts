import { Refusal } from './refusal';
import { SMALL_FILE_BYTES } from './scan-queue';
import type { ScannerContext } from './scanner-context';
import type { StoredFile } from './stored-file';
import type { Transfer } from './transfers';

/**
 * The last call of an upload: makes its files visible and has them scanned.
 *
 * With scan time zero the answer waits for the engine where the file is small (a few ms), so that the first look at
 * its status finds it final, and a test need not poll. Large files are scanned behind the answer, as by the product.
 *
 * @param expiresAt - Epoch ms.
 * @throws Refusal 400 if there is no file, or one whose upload was not completed.
 */
export async function completeTransfer(
  transfer: Transfer,
  expiresAt: number | undefined,
  context: ScannerContext,
): Promise<StoredFile[]> {
  const uploads = [...transfer.files.values()];
  if (uploads.length === 0) throw new Refusal(400, 'The transfer has no file');
  const files = uploads.map(({ fileId, name, path, size, content }): StoredFile => {
    if (content === undefined) throw new Refusal(400, `The upload of the file ${fileId} is not complete`);
    return {
      fileId,
      groupId: transfer.groupId,
      owner: transfer.owner,
      sharedWith: transfer.sharedWith,
      path,
      name,
      content,
      completedAt: context.now(),
      ...(expiresAt === undefined ? {} : { expiresAt }),
      scanTimeMs: Math.max(0, context.scanTimeMs({ fileId, name, size })),
      deleted: false,
      notifications: 0,
    };
  });
  context.transfers.finish(transfer);
  const soon: Promise<void>[] = [];
  for (const file of files) {
    // The engine goes by the name that was uploaded: a copy's new name changes nothing about its kind.
    const scan = inspect(file, file.name, context);
    context.shelf.add(file);
    if (file.scanTimeMs === 0 && file.content.size <= SMALL_FILE_BYTES) soon.push(scan);
  }
  await Promise.all(soon);
  return files;
}

async function inspect(file: StoredFile, name: string, { queue }: ScannerContext): Promise<void> {
  const inspection = await queue.inspect(file.content, name);
  file.inspection = inspection;
  // Deleted while the engine was at work: nobody else will free what it made.
  if (file.deleted) await inspection.sanitized?.content.dispose();
}
