import { randomBytes } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { mkdir, open, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';

const keyPattern = /^[0-9a-f]{32}$/;
const draftPattern = /^[0-9a-f]{32}\.[0-9a-f]{12}\.new$/;
/** With small objects the number is what grows: of the list in memory, and of the files in one directory. */
const usualMostFiles = 50_000;

/**
 * Copies of sealed objects on a local disk, bounded; the ones used longest ago go first. A copy never counts as the
 * object: nothing is synced, each frame is checked when it is read, and whatever fails here only means that the store
 * itself is read. So no method throws.
 */
export interface SealedCache {
  /** The copy, opened, or undefined. The caller closes it. */
  open(key: string): Promise<FileHandle | undefined>;
  /** Begins a copy; undefined where it cannot be made. */
  begin(key: string): Promise<CacheDraft | undefined>;
  drop(key: string): Promise<void>;
  keys(): readonly string[];
}

/** A copy that is being written; not seen under its key before it is kept. */
export interface CacheDraft {
  write(bytes: Buffer, position: number): Promise<void>;
  /** Keeps it if exactly so many bytes were written. */
  keep(size: number): Promise<void>;
  discard(): Promise<void>;
}

export interface SealedCacheOptions {
  readonly directory: string;
  /** Of all copies together; those that are being written are not counted yet. */
  readonly maxBytes: number;
  readonly mostFiles?: number;
}

/** Takes up the copies of an earlier run and removes what it left unfinished. @throws what the file system says */
export async function openSealedCache(options: SealedCacheOptions): Promise<SealedCache> {
  const { directory, maxBytes, mostFiles = usualMostFiles } = options;
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const pathOf = (key: string): string => join(directory, key);
  /** Sizes; those used longest ago first. */
  const sizes = new Map<string, number>();
  let total = 0;

  const forget = (key: string): void => {
    total -= sizes.get(key) ?? 0;
    sizes.delete(key);
  };
  const drop = async (key: string): Promise<void> => {
    forget(key);
    await rm(pathOf(key), { force: true }).catch(() => undefined);
  };
  const remember = (key: string, size: number): void => {
    forget(key);
    sizes.set(key, size);
    total += size;
  };
  const makeRoom = async (size: number, files: number): Promise<void> => {
    for (const key of sizes.keys()) {
      if (total + size <= maxBytes && sizes.size + files <= mostFiles) return;
      await drop(key);
    }
  };

  for (const { key, size } of await findCopies(directory)) remember(key, size);
  await makeRoom(0, 0);

  return {
    keys: () => [...sizes.keys()],
    drop,
    async open(key) {
      const size = sizes.get(key);
      if (size === undefined) return undefined;
      try {
        const file = await open(pathOf(key), 'r');
        if (sizes.has(key)) remember(key, size);
        // The order outlives the process; where the time cannot be set, it is the one of writing.
        const now = new Date();
        await utimes(pathOf(key), now, now).catch(() => undefined);
        return file;
      } catch {
        forget(key);
        return undefined;
      }
    },
    async begin(key) {
      const path = pathOf(`${key}.${randomBytes(6).toString('hex')}.new`);
      const file = await open(path, 'wx', 0o600).catch(() => undefined);
      if (file === undefined) return undefined;
      return createDraft(file, path, {
        maxBytes,
        async keep(size) {
          await makeRoom(size, 1);
          await rename(path, pathOf(key));
          remember(key, size);
        },
      });
    },
  };
}

function createDraft(
  file: FileHandle,
  path: string,
  { maxBytes, keep }: { maxBytes: number; keep: (size: number) => Promise<void> },
): CacheDraft {
  let written = 0;
  let given = false;
  const discard = async (): Promise<void> => {
    if (given) return;
    given = true;
    await file.close().catch(() => undefined);
    await rm(path, { force: true }).catch(() => undefined);
  };
  return {
    discard,
    async write(bytes, position) {
      if (given) return;
      written += bytes.length;
      if (written > maxBytes) return discard();
      try {
        for (let done = 0; done < bytes.length;)
          done += (await file.write(bytes, done, bytes.length - done, position + done)).bytesWritten;
      } catch {
        await discard();
      }
    },
    async keep(size) {
      if (given) return;
      if (written !== size) return discard();
      try {
        await file.close();
        await keep(size);
        given = true;
      } catch {
        await discard();
      }
    },
  };
}

/** What earlier runs left, oldest use first. Foreign files stay where they are. */
async function findCopies(directory: string): Promise<readonly { key: string; size: number }[]> {
  const found: { key: string; size: number; at: number }[] = [];
  for (const name of await readdir(directory)) {
    const path = join(directory, name);
    if (draftPattern.test(name)) await rm(path, { force: true });
    if (!keyPattern.test(name)) continue;
    const { size, mtimeMs } = await stat(path);
    found.push({ key: name, size, at: mtimeMs });
  }
  return found.sort((a, b) => a.at - b.at);
}
