import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';

/** What a reader of the folder sees. */
export interface FolderFile {
  /** Within the folder. */
  readonly path: string;
  readonly name: string;
  readonly sha256: string;
}

/** All files of a folder, but those that are not published yet, and the mark of the folder. */
export async function readFolder(directory: string): Promise<readonly FolderFile[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => relative(directory, join(parentPath, name)))
    .filter((path) => !path.startsWith('.mft-bridge-'));
  return Promise.all(
    paths.map(async (path) => {
      const sha256 = createHash('sha256')
        .update(await readFile(join(directory, path)))
        .digest('hex');
      return { path, name: basename(path), sha256 };
    }),
  );
}
