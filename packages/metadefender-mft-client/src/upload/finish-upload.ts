import {
  isBadRequestError,
  isMftBridgeError,
  isResponseShapeError,
  ResponseShapeError,
} from '@mft-bridge/http-transport';
import type { TransferFileRef } from '../operations/transfer-file-operations';
import type { Files } from '../resources/files';
import type { TransferFiles } from '../resources/transfer-files';
import type { Transfers } from '../resources/transfers';
import { sameId } from '../verdict/same-id';

export interface FinishNeeds {
  readonly transfers: Transfers;
  readonly transferFiles: TransferFiles;
  readonly files: Pick<Files, 'status'>;
}

export interface FinishOptions {
  readonly signal: AbortSignal;
  readonly expiresAfterMs?: number | undefined;
}

/** Closes the file and completes its group, so that it becomes visible; both survive a lost answer. */
export async function finishUpload(
  file: TransferFileRef,
  options: FinishOptions,
  needs: FinishNeeds,
): Promise<void> {
  await close({ groupId: file.groupId, fileId: file.fileId }, options.signal, needs);
  await complete(file, options, needs);
}

/**
 * A second close is refused by a server that took the first one and whose answer was lost. Then the group is completed all the same: it is
 * the server that knows whether the file is whole, and its size is compared before anybody trusts it.
 */
async function close(
  file: TransferFileRef,
  signal: AbortSignal,
  { transferFiles }: FinishNeeds,
): Promise<void> {
  try {
    await transferFiles.close(file, { signal });
  } catch (error) {
    if (!isBadRequestError(error) || error.attempts === 1) throw error;
  }
}

/** After a lost answer the file's status tells whether the group is complete: completing is not known to be repeatable. */
async function complete(
  { groupId, fileId }: TransferFileRef,
  options: FinishOptions,
  needs: FinishNeeds,
): Promise<void> {
  const { signal, expiresAfterMs } = options;
  const attempt = async (): Promise<void> => {
    const { files } = await needs.transfers.complete({ groupId, expiresAfter: expiresAfterMs }, { signal });
    if (files.length === 0 || files.some((file) => sameId(file.fileId, fileId))) return;
    throw new ResponseShapeError({
      operation: 'transfers.complete',
      message: 'transfers.complete: the group is complete, but the file that was uploaded is not in it.',
      hint: 'Do not rely on this upload; have the server looked at.',
      status: 200,
      issues: [{ path: 'files', code: 'file_missing' }],
    });
  };
  try {
    await attempt();
  } catch (error) {
    if (
      !isMftBridgeError(error) ||
      error.operation !== 'transfers.complete' ||
      error.outcome !== 'unknown' ||
      signal.aborted
    )
      throw error;
    if (isWrongFile(error)) throw error;
    const before = await stateOf(fileId, signal, needs);
    if (before !== undefined && before !== 'Composing') return;
    try {
      await attempt();
    } catch (again) {
      // A group that is still open would have taken it: the first one did its work.
      const refused = isMftBridgeError(again) && again.outcome === 'rejected' && before !== undefined;
      if (!refused) throw again;
    }
  }
}

const isWrongFile = (error: unknown): boolean =>
  isResponseShapeError(error) && error.issues.some((issue) => issue.code === 'file_missing');

async function stateOf(
  fileId: string,
  signal: AbortSignal,
  { files }: FinishNeeds,
): Promise<string | undefined> {
  try {
    return (await files.status(fileId, { signal })).availabilityState;
  } catch (error) {
    if (isMftBridgeError(error) && error.outcome === 'rejected') return undefined;
    throw error;
  }
}
