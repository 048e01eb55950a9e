import type { Operation } from '@mft-bridge/http-transport';
import { z } from 'zod';
import type { FileNameEncoding } from '../names/header-text';
import { byteCount, headerTextInput, idInput } from '../schemas/inputs';
import { id, tolerant } from '../schemas/tolerant';

/** A file to announce within a group. */
export interface OpenTransferFileInput {
  /** the group, as opening it answered */
  readonly groupId: string;
  /** with its extension, 1 to 255 characters */
  readonly fileName: string;
  /** bytes */
  readonly fileSize: number;
  /** `Chunk`: any order, by offset. `Stream`: in order, one at a time, never sent again. */
  readonly method: 'Stream' | 'Chunk';
  /** target folder, levels joined by a backslash; absent: the root folder */
  readonly path?: string | undefined;
  /** an id of your own (v4 UUID), which makes the call repeatable */
  readonly fileId?: string | undefined;
}

/** A file that was announced. */
export interface OpenedTransferFile {
  /** under which its bytes are sent, and its status is asked for */
  readonly fileId: string;
}

/** A file within a group that is not completed yet. */
export interface TransferFileRef {
  /** the group, as opening it answered */
  readonly groupId: string;
  /** the file, as announcing it answered */
  readonly fileId: string;
}

export interface ChunkInput extends TransferFileRef {
  /** bytes from the start of the file; absent for method `Stream` */
  readonly offset?: number | undefined;
  readonly data: Uint8Array;
  /** MD5 of `data`, lower-case hex; without it the server checks nothing */
  readonly md5?: string | undefined;
}

const bareId = z.string().transform((text) => ({ file_id: text }));
const openedFile = z
  .union([
    tolerant({ file_id: id }, { file_id: ['id'] }),
    bareId.pipe(z.object({ file_id: z.string().regex(/^[0-9a-f-]{32,36}$/i) })),
  ])
  .transform((wire): OpenedTransferFile => ({ fileId: wire.file_id }));

const ref = { groupId: idInput, fileId: idInput };
const refHeaders = ({ groupId, fileId }: TransferFileRef) => ({ group_id: groupId, file_id: fileId });
const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array, 'must be a Buffer or Uint8Array');
const md5 = z.string().regex(/^[0-9a-f]{32}$/, 'must be an MD5 in lower-case hex');

/** Steps 2, 3 and 4 of an upload. */
export interface TransferFileOperations {
  readonly open: Operation<OpenTransferFileInput, OpenedTransferFile>;
  readonly openKeyed: Operation<OpenTransferFileInput, OpenedTransferFile>;
  readonly chunk: Operation<ChunkInput, unknown>;
  readonly append: Operation<ChunkInput, unknown>;
  readonly close: Operation<TransferFileRef, unknown>;
  readonly drop: Operation<TransferFileRef, unknown>;
}

/** @param names how text travels in headers */
export function transferFileOperations(names: FileNameEncoding): TransferFileOperations {
  const open: TransferFileOperations['open'] = {
    name: 'transferFiles.open',
    method: 'GET',
    path: '/transfer_file',
    // A GET that creates state: sent again it would leave a second, never finished file in the group.
    safety: 'unsafe',
    access: 'user',
    input: z.strictObject({
      groupId: idInput,
      fileName: z.string().min(1).max(255).pipe(headerTextInput(names, 'file name')),
      fileSize: byteCount,
      method: z.enum(['Stream', 'Chunk']),
      path: headerTextInput(names, 'folder path').optional(),
      fileId: idInput.optional(),
    }),
    encode: (input) => ({
      headers: {
        transfer_method: input.method,
        group_id: input.groupId,
        file_id: input.fileId,
        file_size: input.fileSize,
        file_name: input.fileName,
        path: input.path,
      },
    }),
    output: openedFile,
  };
  const chunk: TransferFileOperations['chunk'] = {
    name: 'transferFiles.chunk',
    method: 'PATCH',
    path: '/transfer_file',
    // The same bytes at the same offset.
    safety: 'idempotent',
    access: 'user',
    input: z.strictObject({ ...ref, offset: byteCount, data: bytes, md5: md5.optional() }),
    encode: (input) => ({
      headers: { ...refHeaders(input), chunk_offset: input.offset, chunk_checksum: input.md5 },
      body: { bytes: input.data, contentType: 'application/octet-stream' },
    }),
  };
  return {
    open,
    openKeyed: { ...open, safety: 'keyed' },
    chunk,
    append: {
      ...chunk,
      name: 'transferFiles.append',
      // Without an offset a second one would be appended once more.
      safety: 'unsafe',
      input: z.strictObject({ ...ref, offset: z.undefined().optional(), data: bytes, md5: md5.optional() }),
    },
    close: {
      name: 'transferFiles.close',
      method: 'POST',
      path: '/transfer_file',
      // Closing a closed file changes nothing. Should the server refuse the second one, the upload fails and is cleaned up.
      safety: 'idempotent',
      access: 'user',
      input: z.strictObject(ref),
      encode: (input) => ({ headers: refHeaders(input) }),
    },
    drop: {
      name: 'transferFiles.drop',
      method: 'DELETE',
      path: '/transfer_file',
      safety: 'idempotent',
      access: 'user',
      input: z.strictObject(ref),
      encode: (input) => ({ headers: refHeaders(input) }),
    },
  };
}
