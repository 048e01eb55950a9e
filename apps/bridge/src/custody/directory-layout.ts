import type { Dirent } from 'node:fs';
import { mkdir, opendir, readdir, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { errorCode } from './error-code';
import { syncDirectory } from './sync-directory';

/** Where the objects of a custody directory lie: `objects/ab/cd/<key>`, and `tmp/<key>` while they are written. */
export interface DirectoryLayout {
  temporaryPath(key: string): string;
  /** @throws TypeError a key that this store did not make: no name from outside ever becomes a path */
  objectPath(key: string): string;
  /** Makes the two levels above an object, durably. */
  prepareFolder(key: string): Promise<string>;
  objects(): AsyncIterable<{ key: string; at: number }>;
}

const keyPattern = /^[0-9a-f]{32}$/;

/** Makes the directories (mode 0700) and removes what unfinished deposits left behind. Only one process may use them. */
export async function openDirectoryLayout(directory: string): Promise<DirectoryLayout> {
  const objects = join(directory, 'objects');
  const temporary = join(directory, 'tmp');
  await mkdir(objects, { recursive: true, mode: 0o700 });
  await rm(temporary, { recursive: true, force: true });
  await mkdir(temporary, { mode: 0o700 });
  await syncDirectory(directory);
  await syncDirectory(dirname(resolve(directory)));

  const folderOf = (key: string): [string, string] => {
    if (!keyPattern.test(key)) throw new TypeError('not a key of this custody store');
    return [join(objects, key.slice(0, 2)), join(objects, key.slice(0, 2), key.slice(2, 4))];
  };
  // A folder that exists may have been made by a process that died before it was durable: each is synced once a run.
  const durable = new Set<string>();

  return {
    temporaryPath: (key) => join(temporary, key),
    objectPath: (key) => join(folderOf(key)[1], key),
    async prepareFolder(key) {
      const [upper, lower] = folderOf(key);
      if (!durable.has(lower)) {
        await mkdir(lower, { recursive: true, mode: 0o700 });
        await syncDirectory(objects);
        await syncDirectory(upper);
        durable.add(lower);
      }
      return lower;
    },
    async *objects() {
      for (const upper of await folders(objects)) {
        for (const lower of await folders(join(objects, upper))) {
          const folder = join(objects, upper, lower);
          for await (const entry of await opendir(folder)) {
            if (!keyPattern.test(entry.name)) continue;
            const found = await stat(join(folder, entry.name)).catch(() => undefined); // removed meanwhile
            if (found !== undefined) yield { key: entry.name, at: Math.floor(found.mtimeMs) };
          }
        }
      }
    },
  };
}

/**
 * Whether a custody directory holds anything that a key sealed. For the choice between a new key file and a refusal.
 * @example
 * const { ring } = await openKeyRing({ path, holdsData: ledgerExists || (await holdsObjects(directory)), now });
 */
export async function holdsObjects(directory: string): Promise<boolean> {
  const objects = join(directory, 'objects');
  for (const upper of await folders(objects)) {
    for (const lower of await folders(join(objects, upper))) {
      if ((await readdir(join(objects, upper, lower))).length > 0) return true;
    }
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
