import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { openDirectoryLayout } from '../directory-layout';
import type { DirectoryLayout } from '../directory-layout';
import { errorCode } from '../error-code';
import { syncDirectory } from '../sync-directory';
import type { SealedStore } from './sealed-store';

const stepBytes = 1024 * 1024;

/** A custody directory that is only read. */
export function readSealedDirectory(layout: DirectoryLayout): Pick<SealedStore, 'read'> {
  return {
    async read(key) {
      const file = await open(layout.objectPath(key), 'r').catch((error: unknown) => {
        if (errorCode(error) === 'ENOENT') return undefined;
        throw error;
      });
      return file?.createReadStream({ highWaterMark: stepBytes }) as AsyncIterable<Buffer> | undefined;
    },
  };
}

/** A custody directory that is filled. Its identity is written before. */
export async function openSealedDirectory(
  directory: string,
  { shared }: { readonly shared: boolean },
): Promise<SealedStore> {
  const layout = await openDirectoryLayout(directory, { shared });
  return {
    ...readSealedDirectory(layout),
    async write(key, sealed) {
      const draft = layout.temporaryPath(key);
      const folder = await layout.prepareFolder(key);
      try {
        const file = await open(draft, 'w', 0o600);
        try {
          for await (const piece of sealed) await file.writeFile(piece);
          await file.sync();
        } finally {
          await file.close();
        }
        await rename(draft, layout.objectPath(key));
      } catch (error) {
        await rm(draft, { force: true });
        throw error;
      }
      await syncDirectory(folder);
      await syncDirectory(dirname(folder));
    },
  };
}
