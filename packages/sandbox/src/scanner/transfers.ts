import type { Blob, BlobStore, BlobWriter } from '../blob-store';
import type { Account } from './accounts';
import { createChunkLedger, type ChunkLedger } from './chunk-ledger';
import { Refusal } from './refusal';

/** A file on its way in. */
export interface OpenFile {
  readonly fileId: string;
  readonly name: string;
  readonly path: string;
  /** Bytes, as announced. */
  readonly size: number;
  readonly method: 'Stream' | 'Chunk';
  readonly writer: BlobWriter;
  readonly ledger: ChunkLedger;
  /** Chunks being received at this moment. */
  receiving: number;
  /** Its content, once the file was completed. */
  content?: Blob;
}

/** A group of files that are uploaded together. */
export interface Transfer {
  readonly groupId: string;
  /** Who opened it: nobody else may continue it, not even an administrator. */
  readonly opener: Account;
  readonly owner: Account;
  readonly sharedWith: readonly Account[];
  readonly files: Map<string, OpenFile>;
}

/** Uploads that are not complete. Nothing of them is visible elsewhere. */
export interface Transfers {
  /** The same group id from the same user again returns the open transfer: the caller has lost an answer. */
  open(groupId: string, opener: Account, owner: Account, sharedWith: readonly Account[]): Transfer;
  /** @throws Refusal 400 if there is none, 403 if somebody else has opened it. */
  find(groupId: string, account: Account): Transfer;
  openFile(
    transfer: Transfer,
    file: Pick<OpenFile, 'fileId' | 'name' | 'path' | 'size' | 'method'>,
  ): OpenFile;
  /** @throws Refusal 400 if the transfer has no such file. */
  findFile(transfer: Transfer, fileId: string): OpenFile;
  dropFile(transfer: Transfer, file: OpenFile): Promise<void>;
  /** Throws a transfer and all its content away. */
  abort(transfer: Transfer): Promise<void>;
  /** Announced bytes of files on their way in for this owner. */
  announced(owner: Account): number;
  /** Throws away whatever is on its way in. */
  close(): Promise<void>;
  /** Takes a transfer out: its files are somebody else's now. Its id cannot be used again. */
  finish(transfer: Transfer): void;
}

/** @example const transfers = createTransfers(store); */
export function createTransfers(store: BlobStore): Transfers {
  const open = new Map<string, Transfer>();
  const fileIds = new Set<string>();
  const finished = new Set<string>();

  return {
    open(groupId, opener, owner, sharedWith) {
      if (finished.has(groupId)) throw new Refusal(400, 'The transfer is already complete');
      const known = open.get(groupId);
      if (known !== undefined) return owned(known, opener);
      const transfer = { groupId, opener, owner, sharedWith, files: new Map<string, OpenFile>() };
      open.set(groupId, transfer);
      return transfer;
    },
    find(groupId, account) {
      const transfer = open.get(groupId);
      if (transfer === undefined) throw new Refusal(400, 'There is no open transfer with this group_id');
      return owned(transfer, account);
    },
    openFile(transfer, file) {
      const known = transfer.files.get(file.fileId);
      if (known !== undefined) return known;
      if (fileIds.has(file.fileId)) throw new Refusal(400, 'The file_id is in use');
      fileIds.add(file.fileId);
      const opened = { ...file, writer: store.create(), ledger: createChunkLedger(), receiving: 0 };
      transfer.files.set(file.fileId, opened);
      return opened;
    },
    findFile(transfer, fileId) {
      const file = transfer.files.get(fileId);
      if (file === undefined) throw new Refusal(400, 'The transfer has no file with this file_id');
      return file;
    },
    async dropFile(transfer, file) {
      transfer.files.delete(file.fileId);
      fileIds.delete(file.fileId);
      await discard(file);
    },
    async abort(transfer) {
      open.delete(transfer.groupId);
      for (const fileId of transfer.files.keys()) fileIds.delete(fileId);
      await Promise.all([...transfer.files.values()].map(discard));
    },
    announced(owner) {
      const mine = [...open.values()].filter((transfer) => transfer.owner.userId === owner.userId);
      return mine.flatMap(({ files }) => [...files.values()]).reduce((sum, { size }) => sum + size, 0);
    },
    async close() {
      const files = [...open.values()].flatMap((transfer) => [...transfer.files.values()]);
      open.clear();
      await Promise.all(files.map(discard));
    },
    finish(transfer) {
      open.delete(transfer.groupId);
      finished.add(transfer.groupId);
    },
  };
}

function owned(transfer: Transfer, account: Account): Transfer {
  if (transfer.opener.userId === account.userId) return transfer;
  throw new Refusal(403, 'Only the user who has opened the transfer may continue it');
}

async function discard(file: OpenFile): Promise<void> {
  await (file.content === undefined ? file.writer.discard() : file.content.dispose());
}
