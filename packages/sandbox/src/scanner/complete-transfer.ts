import type { Blob } from '../blob-store';
import type { Inspection } from './engine/inspect';
import type { FileScript } from './file-script';
import type { Key } from './keys';
import { Refusal } from './refusal';
import { SMALL_FILE_BYTES } from './scan-queue';
import type { ScannerContext } from './scanner-context';
import { scriptedInspection } from './scripted-inspection';
import type { StoredFile } from './stored-file';
import type { OpenFile, Transfer } from './transfers';

type CompleteFile = OpenFile & { readonly content: Blob };

/**
 * The last call of an upload: makes its files visible and has them scanned.
 *
 * With scan time zero the answer waits for the engine where the file is small (a few ms), so that the first look at
 * its status finds it final, and a test need not poll. Large files are scanned behind the answer, as by the product.
 *
 * @param key - With which the call came: its rights decide on scan and supervision.
 * @param expiresAt - Epoch ms.
 * @throws Refusal 400 if there is no file, or one whose upload was not completed; 503 if the queue is full.
 */
export async function completeTransfer(
  transfer: Transfer,
  key: Key,
  expiresAt: number | undefined,
  context: ScannerContext,
): Promise<StoredFile[]> {
  const uploads = [...transfer.files.values()];
  if (uploads.length === 0) throw new Refusal(400, 'The transfer has no file');
  const complete = uploads.map((upload): CompleteFile => {
    const { fileId, content } = upload;
    if (content === undefined) throw new Refusal(400, `The upload of the file ${fileId} is not complete`);
    return { ...upload, content };
  });
  const { queue: places } = context.settings().capacity;
  // In MetaDefender Core's words. The transfer stays open: the call can be repeated.
  if (places !== null && context.slots.waiting() + complete.length > places + freeNow(context))
    throw new Refusal(503, 'The scan queue is full, try again later');
  // Taken out before anything is awaited: a second call finds it complete.
  context.transfers.finish(transfer);
  const soon: Promise<void>[] = [];
  const files: StoredFile[] = [];
  for (const upload of complete) {
    const described = { ...upload, owner: transfer.owner.username };
    const script = await context.scripts.take(described, () => upload.content.sha256());
    const file = storedFile(upload, transfer, key, script, expiresAt, context);
    // The engine goes by the name that was uploaded: a copy's new name changes nothing about its kind.
    const scan = inspect(file, file.name, script, context);
    context.folders.ensure(file.owner, file.path);
    context.shelf.add(file);
    files.push(file);
    if (file.scanTimeMs === 0 && file.content.size <= SMALL_FILE_BYTES) soon.push(scan);
  }
  await Promise.all(soon);
  return files;
}

/** Files that are scanned at once do not wait in the queue. */
function freeNow({ settings, slots }: ScannerContext): number {
  const { scans } = settings().capacity;
  return scans === null ? Infinity : Math.max(0, scans - slots.running());
}

function storedFile(
  upload: CompleteFile,
  transfer: Transfer,
  { rights }: Key,
  script: FileScript,
  expiresAt: number | undefined,
  context: ScannerContext,
): StoredFile {
  const { fileId, name, path, size, content } = upload;
  const { approvals, capacity, deleteBlockedAfterMs, ...settings } = context.settings();
  const completedAt = context.now();
  const unscanned =
    script.verdict === 'unscanned' || (script.verdict === undefined && rights.skipScan === true);
  const scanTimeMs = Math.max(0, script.scanTimeMs ?? context.scanTimeMs({ fileId, name, size }));
  const startsAt = unscanned ? completedAt : context.slots.plan(scanTimeMs, capacity.scans);
  const lockMs = script.lockMs ?? settings.lockMs;
  const { systemExpirationMs } = settings;
  const system = systemExpirationMs === null ? undefined : completedAt + systemExpirationMs;
  const end = rights.systemExpiration === true ? system : expiresAt;
  return {
    fileId,
    groupId: transfer.groupId,
    owner: transfer.owner,
    sharedWith: transfer.sharedWith,
    path,
    name,
    content,
    completedAt,
    startsAt,
    ...(end === undefined ? {} : { expiresAt: end }),
    scanTimeMs,
    unscanned,
    deleteBlockedAfterMs,
    timeline: script.timeline ?? [],
    ...(approvals === null || rights.skipSupervision === true ? {} : { approvalRule: approvals }),
    approvals: 0,
    ...(lockMs > 0 && !unscanned ? { lockedUntil: startsAt + scanTimeMs + lockMs } : {}),
    liftedResult: settings.undocumented.liftedResult,
    lifted: false,
    deleted: false,
    notifications: 0,
  };
}

async function inspect(
  file: StoredFile,
  name: string,
  script: FileScript,
  context: ScannerContext,
): Promise<void> {
  if (file.unscanned) return;
  const inspection = await inspectionOf(file, name, script, context);
  context.shelf.judge(file, inspection);
  // Deleted while the engine was at work: nobody else will free what it made.
  if (file.deleted) await inspection.sanitized?.content.dispose();
}

function inspectionOf(
  { content }: StoredFile,
  name: string,
  script: FileScript,
  { queue, store }: ScannerContext,
): Promise<Inspection> {
  const { verdict } = script;
  if (verdict === undefined || verdict === 'unscanned') return queue.inspect(content, name);
  return scriptedInspection(content, verdict, script, store);
}
