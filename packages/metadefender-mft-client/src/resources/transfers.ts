import type { CallOptions, Transport } from '@mft-bridge/http-transport';
import type {
  CompletedTransfer,
  CompleteTransferInput,
  OpenedTransfer,
  OpenTransferInput,
  TransferOperations,
} from '../operations/transfer-operations';
import { forSomebodyElse } from '../operations/transfer-operations';

/** Groups of files on their way in. Only the user who opened a group may go on with it. Most callers want `uploads.uploadFile`. */
export interface Transfers {
  /**
   * Opens a group: `GET /transfer`. User level; administrator level with `impersonateAs`. Repeatable, since the group's id is yours; go on
   * with the id in the answer.
   *
   * @throws BadRequestError with code `UPLOAD_FILE_UPLOADER_GROUP_IS_REQUIRED` when the user's uploader group is ambiguous
   */
  open(input: OpenTransferInput, options?: CallOptions): Promise<OpenedTransfer>;
  /** Makes the files of a group visible and has them scanned: `POST /transfer`. User level: only who opened it, administrators too. Not repeated by itself when its answer is lost. */
  complete(input: CompleteTransferInput, options?: CallOptions): Promise<CompletedTransfer>;
  /** Throws a group away that is not complete: `DELETE /transfer`. User level: only who opened it. */
  abort(input: { readonly groupId: string }, options?: CallOptions): Promise<void>;
}

export function createTransfers(transport: Transport, operations: TransferOperations): Transfers {
  return {
    open: (input, options) =>
      transport.call(forSomebodyElse(input) ? operations.openFor : operations.open, input, options),
    complete: (input, options) => transport.call(operations.complete, input, options),
    abort: async (input, options) => {
      await transport.call(operations.abort, input, options);
    },
  };
}
