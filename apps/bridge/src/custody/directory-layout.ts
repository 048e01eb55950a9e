import { randomBytes } from 'node:crypto';
import type { Dirent } from 'node:fs';
import { mkdir, opendir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { errorCode } from './error-code';
import { storeGraceMs } from './store-grace';
import { syncDirectory } from './sync-directory';

/**
 * Where the objects of a custody directory lie: `objects/ab/<key>`, and `tmp/<key>` while they are written. One level:
 * with two, nearly each object would make a folder of its own, and a new folder costs two more syncs.
 */
export interface DirectoryLayout {
  temporaryPath(key: string): string;
  /** @throws TypeError a key that this store did not make: no name from outside ever becomes a path */
  objectPath(key: string): string;
  /** Makes the folder of an object, durably. */
  prepareFolder(key: string): Promise<string>;
  objects(): AsyncIterable<{ key: string; at: number }>;
}

const keyPattern = /^[0-9a-f]{32}$/;

/**
 * Makes the directories (mode 0700) and removes what unfinished deposits left behind. Only one process may use them,
 * unless they are `shared`: then what is young stays, since another one may be at it.
 */
export async function openDirectoryLayout(
  directory: string,
  { shared = false }: { shared?: boolean } = {},
): Promise<DirectoryLayout> {
  const temporary = join(directory, 'tmp');
  await mkdir(join(directory, 'objects'), { recursive: true, mode: 0o700 });
  if (!shared) await rm(temporary, { recursive: true, force: true });
  await mkdir(temporary, { recursive: shared, mode: 0o700 });
  if (shared) await removeOldFiles(temporary, (await storeClock(directory)) - storeGraceMs);
  await syncDirectory(directory);
  await syncDirectory(dirname(resolve(directory)));
  return directoryLayout(directory);
}

/** Where things lie, without touching anything: for whoever only looks. */
export function directoryLayout(directory: string): DirectoryLayout {
  const objects = join(directory, 'objects');
  const temporary = join(directory, 'tmp');
  const folderOf = (key: string): string => {
    if (!keyPattern.test(key)) throw new TypeError('not a key of this custody store');
    return join(objects, key.slice(0, 2));
  };
  // A folder that exists may have been made by a process that died before it was durable: each is synced once a run.
  const durable = new Set<string>();

  return {
    temporaryPath: (key) => join(temporary, key),
    objectPath: (key) => join(folderOf(key), key),
    async prepareFolder(key) {
      const folder = folderOf(key);
      if (!durable.has(folder)) {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        await syncDirectory(objects);
        durable.add(folder);
      }
      return folder;
    },
    async *objects() {
      for (const name of await folders(objects)) {
        const folder = join(objects, name);
        for await (const entry of await opendir(folder)) {
          if (!keyPattern.test(entry.name)) continue;
          const found = await stat(join(folder, entry.name)).catch(() => undefined); // removed meanwhile
          if (found !== undefined) yield { key: entry.name, at: Math.floor(found.mtimeMs) };
        }
      }
    },
  };
}

/**
 * Epoch ms by the clock that dates the files of a custody directory: on a share that is not this machine's.
 * Its directories must have been made.
 */
export async function storeClock(directory: string): Promise<number> {
  const path = join(directory, 'tmp', `clock-${randomBytes(8).toString('hex')}`);
  await writeFile(path, '', { mode: 0o600 });
  try {
    return (await stat(path)).mtimeMs;
  } finally {
    await rm(path, { force: true });
  }
}

async function removeOldFiles(directory: string, before: number): Promise<void> {
  for (const name of await readdir(directory)) {
    const path = join(directory, name);
    const found = await stat(path).catch(() => undefined); // renamed meanwhile
    if (found !== undefined && found.mtimeMs < before) await rm(path, { force: true });
  }
}

/**
 * Whether a custody directory holds anything that a key sealed. For the choice between a new key file and a refusal.
 * @example
 * const { ring } = await openKeyRing({ path, holdsData: ledgerExists || (await holdsObjects(directory)), now });
 */
export async function holdsObjects(directory: string): Promise<boolean> {
  const objects = join(directory, 'objects');
  for (const name of await folders(objects)) {
    if ((await readdir(join(objects, name))).length > 0) return true;
  }
  return false;
}

async function folders(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch((error: unknown): Dirent[] => {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}
