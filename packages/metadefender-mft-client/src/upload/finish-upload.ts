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

/**
 * Says that all bytes of a file were sent. A second close is refused by a server that took the first one and whose answer was lost, or
 * whose sender died. Then the group is completed all the same: it is the server that knows whether the file is whole, and its size is
 * compared before anybody trusts it.
 *
 * @param options.mayBeClosed an earlier run may have closed it
 */
export async function closeFile(
  file: TransferFileRef,
  { signal, mayBeClosed }: { readonly signal: AbortSignal; readonly mayBeClosed: boolean },
  { transferFiles }: FinishNeeds,
): Promise<void> {
  try {
    await transferFiles.close(file, { signal });
  } catch (error) {
    if (!isBadRequestError(error) || (error.attempts === 1 && !mayBeClosed)) throw error;
  }
}

/**
 * Makes the files of a group visible. After a lost answer the status of its first file tells whether the group is complete: completing is
 * not known to be repeatable.
 */
export async function completeGroup(
  groupId: string,
  fileIds: readonly string[],
  options: { readonly signal: AbortSignal; readonly expiresAfterMs?: number | undefined },
  needs: FinishNeeds,
): Promise<void> {
  const { signal, expiresAfterMs } = options;
  const attempt = async (): Promise<void> => {
    const { files } = await needs.transfers.complete({ groupId, expiresAfter: expiresAfterMs }, { signal });
    const listed = (fileId: string): boolean => files.some((file) => sameId(file.fileId, fileId));
    if (files.length > 0 && !fileIds.every(listed)) throw fileMissing();
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
    const [first = ''] = fileIds;
    const before = await stateOf(first, signal, needs);
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

/** Whether the group of a file was completed. */
export async function isVisible(fileId: string, signal: AbortSignal, needs: FinishNeeds): Promise<boolean> {
  const state = await stateOf(fileId, signal, needs);
  return state !== undefined && state !== 'Composing';
}

const fileMissing = (): ResponseShapeError =>
  new ResponseShapeError({
    operation: 'transfers.complete',
    message: 'transfers.complete: the group is complete, but a file that was uploaded is not in it.',
    hint: 'Do not rely on this upload; have the server looked at.',
    status: 200,
    issues: [{ path: 'files', code: 'file_missing' }],
  });

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
