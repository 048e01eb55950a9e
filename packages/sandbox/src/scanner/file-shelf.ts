import type { Account } from './accounts';
import type { Inspection } from './engine/inspect';
import { createFileNames, type FileNames } from './file-names';
import type { ScannerUndocumented } from './undocumented';
import { fileState, isGone, isThere, type StoredFile } from './stored-file';

/** All completed files of one scanner, found by id in one step however many there are. */
export interface FileShelf {
  /** Puts a file on the shelf; a name that its owner has in this folder already gets `-Copy(n)`. */
  add(file: StoredFile): void;
  get(fileId: string): StoredFile | undefined;
  /** Every file that ever was, oldest first, deleted ones too. */
  all(): Iterable<StoredFile>;
  /** Gives a file another name, another folder, or both; a name that is taken there gets `-Copy(n)`. */
  move(file: StoredFile, to: { readonly name?: string; readonly path?: string }): void;
  /** Keeps what the engine found about a file. */
  judge(file: StoredFile, inspection: Inspection): void;
  /** Files whose upload has this SHA-256 and that the engine is done with, in the order in which it was. */
  inspected(sha256: string): readonly StoredFile[];
  /** Bytes of what this owner has, as uploaded. */
  stored(owner: Account): number;
  /** Marks a file as deleted and frees its content. The id stays known. */
  remove(file: StoredFile): Promise<void>;
}

// Expired content is looked for once in so many new files: often enough for memory, too rarely to be felt.
const SWEEP_EVERY = 256;

/** @example const shelf = createFileShelf({ now: Date.now, duplicates: () => 'copy' }); */
export function createFileShelf(options: {
  readonly now: () => number;
  /** What becomes of a name that is taken. Read at every call. */
  readonly duplicates: () => ScannerUndocumented['duplicateNames'];
}): FileShelf {
  const { now, duplicates } = options;
  const files = new Map<string, StoredFile>();
  const names = createFileNames(duplicates);
  const byHash = new Map<string, StoredFile[]>();
  let added = 0;

  return {
    add(file) {
      names.enter(file);
      files.set(file.fileId, file);
      added += 1;
      if (added % SWEEP_EVERY === 0) {
        for (const old of files.values())
          if (fileState(old, now()) === 'Expired' || isGone(old, now())) void free(old, names);
      }
    },
    get: (fileId) => files.get(fileId),
    all: () => files.values(),
    move(file, { name = file.name, path = file.path }) {
      names.leave(file);
      file.path = path;
      file.name = name;
      names.enter(file);
    },
    judge(file, inspection) {
      file.inspection = inspection;
      const same = byHash.get(inspection.sha256);
      if (same === undefined) byHash.set(inspection.sha256, [file]);
      else same.push(file);
    },
    inspected: (sha256) => byHash.get(sha256) ?? [],
    stored(owner) {
      let bytes = 0;
      for (const file of files.values())
        if (file.owner.userId === owner.userId && isThere(file, now())) bytes += file.content.size;
      return bytes;
    },
    async remove(file) {
      file.deleted = true;
      await free(file, names);
    },
  };
}

async function free(file: StoredFile, names: FileNames): Promise<void> {
  names.leave(file);
  await file.content.dispose();
  await file.inspection?.sanitized?.content.dispose();
}

/** Who may see a file: its owner, whom it was shared with, and administrators. */
export function maySee(file: StoredFile, viewer: Account): boolean {
  return (
    viewer.role === 'Administrator' ||
    file.owner.userId === viewer.userId ||
    file.sharedWith.some((account) => account.userId === viewer.userId)
  );
}
