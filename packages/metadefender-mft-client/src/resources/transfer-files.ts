import { createHash } from 'node:crypto';
import type { CallOptions, Transport } from '@mft-bridge/http-transport';
import type {
  OpenedTransferFile,
  OpenTransferFileInput,
  TransferFileOperations,
  TransferFileRef,
} from '../operations/transfer-file-operations';

/** A piece of a file, and where it belongs. */
export interface SendChunkInput extends TransferFileRef {
  /** bytes from the start of the file; leave it out for method `Stream` only */
  readonly offset?: number | undefined;
  /** at most 100 MB */
  readonly data: Uint8Array;
  /** true (default): the MD5 of `data` is sent along; text: this MD5 in hex; false: none, and the server checks nothing */
  readonly md5?: boolean | string | undefined;
}

/** The files of a group that is not complete yet. */
export interface TransferFiles {
  /** Announces a file: `GET /transfer_file`. User level: only who opened the group. Repeated after a lost answer only if you chose the `fileId`. */
  open(input: OpenTransferFileInput, options?: CallOptions): Promise<OpenedTransferFile>;
  /** Sends bytes: `PATCH /transfer_file`. User level: only who opened the group. With an offset it is repeated when its answer is lost. */
  chunk(input: SendChunkInput, options?: CallOptions): Promise<void>;
  /** Says that all bytes were sent: `POST /transfer_file`. User level: only who opened the group. */
  close(input: TransferFileRef, options?: CallOptions): Promise<void>;
  /** Takes a file out of its group: `DELETE /transfer_file`. User level: only who opened the group. The method is inferred from the vendor's pages, which only name the operation. */
  drop(input: TransferFileRef, options?: CallOptions): Promise<void>;
}

export function createTransferFiles(transport: Transport, operations: TransferFileOperations): TransferFiles {
  return {
    open: (input, options) =>
      transport.call(input.fileId === undefined ? operations.open : operations.openKeyed, input, options),
    chunk: async ({ md5 = true, ...input }, options) => {
      const sum = md5 === true ? createHash('md5').update(input.data).digest('hex') : md5;
      await transport.call(
        input.offset === undefined ? operations.append : operations.chunk,
        sum === false ? input : { ...input, md5: sum },
        options,
      );
    },
    close: async (input, options) => {
      await transport.call(operations.close, input, options);
    },
    drop: async (input, options) => {
      await transport.call(operations.drop, input, options);
    },
  };
}
