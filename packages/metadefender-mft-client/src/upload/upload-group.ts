import { randomUUID } from 'node:crypto';
import { AbortedError, isMftBridgeError } from '@mft-bridge/http-transport';
import { createCheckpointKeeper } from './checkpoint-keeper';
import { completeGroup, isVisible } from './finish-upload';
import { inParallel } from './in-parallel';
import type { UploadNeeds } from './send-file';
import { sendFile } from './send-file';
import type { SettledUpload } from './settle-upload';
import type { UploadedGroup } from './upload-options';

/** A clean-up must not hold up the error that it follows. */
const CLEAN_UP = { maxAttempts: 2, clocks: { totalMs: 15_000 } };

/**
 * Uploads files in a group of their own: open, then announce, send and close each, and complete. Either all of them become visible or
 * none does.
 */
export async function uploadGroup(upload: SettledUpload, needs: UploadNeeds): Promise<UploadedGroup> {
  const { resume, signal } = upload;
  let groupId = resume?.groupId ?? upload.groupId ?? randomUUID().replaceAll('-', '');
  let opening: Promise<string> | undefined = resume === undefined ? undefined : Promise.resolve(groupId);
  const group = (): Promise<string> =>
    (opening ??= needs.transfers
      .open({ groupId, ...addressees(upload) }, { signal })
      .then((opened) => (groupId = opened.groupId)));
  const keeper = createCheckpointKeeper(() => groupId, upload.onCheckpoint, resume);
  try {
    const visible = await wasCompleted(upload, needs);
    const context = { upload, keeper, group, visible, needs };
    const files = await inParallel(upload.files, upload.parallelFiles, signal, (file, _, stop) =>
      sendFile(file, stop, context),
    );
    const fileIds = files.map(({ fileId }) => fileId);
    if (!visible)
      await completeGroup(groupId, fileIds, { signal, expiresAfterMs: upload.expiresAfterMs }, needs);
    return { groupId, files };
  } catch (error) {
    const abort = upload.abortOnFailure ?? (!keeper.told() || isLostAnnouncement(error));
    if (opening !== undefined && abort && mayHaveOpened(error)) await abortGroup(groupId, upload, needs);
    if (signal.aborted && error === signal.reason) throw uploadAborted();
    throw error;
  }
}

/** The old names go on as they are: the call itself translates them, warns, and refuses both at once. */
/* eslint-disable @typescript-eslint/no-deprecated -- see above */
const addressees = ({ shareWith, impersonateAs, recipients, sendAs }: SettledUpload) => ({
  shareWith,
  impersonateAs,
  ...(recipients === undefined ? {} : { recipients }),
  ...(sendAs === undefined ? {} : { sendAs }),
});
/* eslint-enable @typescript-eslint/no-deprecated */

/**
 * The announcement of a file cannot be repeated: whether the server has it, and under which id, nobody knows any more. A group with such a
 * file in it may never be completed, so its checkpoint is worth nothing.
 */
export const isLostAnnouncement = (error: unknown): boolean =>
  isMftBridgeError(error) && error.operation === 'transferFiles.open' && error.outcome === 'unknown';

/** The process that began the upload may have died after its last call and before it could say so. */
async function wasCompleted({ resume, signal }: SettledUpload, needs: UploadNeeds): Promise<boolean> {
  const first = resume?.files[0];
  return first !== undefined && first.closed && (await isVisible(first.fileId, signal, needs));
}

/** Where the very first call provably did nothing, there is no group to abort. */
const mayHaveOpened = (error: unknown): boolean =>
  !(isMftBridgeError(error) && error.operation === 'transfers.open' && error.outcome !== 'unknown');

/** The error of the upload matters more than one of the clean-up; the caller learns of an orphan by `onAbandoned`. */
async function abortGroup(
  groupId: string,
  { onAbandoned }: SettledUpload,
  needs: UploadNeeds,
): Promise<void> {
  const outcome = await needs.transfers.abort({ groupId }, CLEAN_UP).then(
    () => ({ groupId, aborted: true }),
    (error: unknown) => ({ groupId, aborted: false, error }),
  );
  onAbandoned?.(outcome);
}

/** Waiting for memory or for the source ends with whatever the caller gave to `abort()`; one class is easier to catch. */
const uploadAborted = (): AbortedError =>
  new AbortedError({
    operation: 'uploads.uploadFile',
    message: 'The upload was aborted; the file was not closed, so nothing became visible.',
    outcome: 'rejected',
    attempts: 0,
  });
