import type { Account } from './accounts';
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
  /** Bytes of what this owner has, as uploaded. */
  stored(owner: Account): number;
  /** Marks a file as deleted and frees its content. The id stays known. */
  remove(file: StoredFile): Promise<void>;
}

const MAX_NAME = 255;
// Expired content is looked for once in so many new files: often enough for memory, too rarely to be felt.
const SWEEP_EVERY = 256;

/** @example const shelf = createFileShelf({ now: Date.now }); */
export function createFileShelf({ now }: { readonly now: () => number }): FileShelf {
  const files = new Map<string, StoredFile>();
  const names = new Map<string, StoredFile>();
  let added = 0;

  return {
    add(file) {
      file.name = freeName(names, file);
      names.set(nameKey(file, file.name), file);
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
      leave(file, names);
      file.path = path;
      file.name = name;
      file.name = freeName(names, file);
      names.set(nameKey(file, file.name), file);
    },
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

async function free(file: StoredFile, names: Map<string, StoredFile>): Promise<void> {
  leave(file, names);
  await file.content.dispose();
  await file.inspection?.sanitized?.content.dispose();
}

function leave(file: StoredFile, names: Map<string, StoredFile>): void {
  const key = nameKey(file, file.name);
  if (names.get(key) === file) names.delete(key);
}

/** Beyond 255 characters the renaming fails and a duplicate stays, as the manual says. */
function freeName(names: Map<string, StoredFile>, file: StoredFile): string {
  const { name } = file;
  const dot = name.lastIndexOf('.');
  const stem = dot > 0 ? name.slice(0, dot) : name;
  for (let n = 0; ; n += 1) {
    const candidate = n === 0 ? name : `${stem}-Copy(${n})${name.slice(stem.length)}`;
    if (candidate.length > MAX_NAME) return name;
    if (!names.has(nameKey(file, candidate))) return candidate;
  }
}

function nameKey(file: StoredFile, name: string): string {
  return `${file.owner.userId}\0${file.path}\0${name}`;
}

/** Who may see a file: its owner, whom it was shared with, and administrators. */
export function maySee(file: StoredFile, viewer: Account): boolean {
  return (
    viewer.role === 'Administrator' ||
    file.owner.userId === viewer.userId ||
    file.sharedWith.some((account) => account.userId === viewer.userId)
  );
}
