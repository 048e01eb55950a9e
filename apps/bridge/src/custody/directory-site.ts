import { access, mkdir, open } from 'node:fs/promises';
import { CustodyDamagedError } from './custody';
import { identityPath, readCustodyIdentity, writeCustodyIdentity } from './custody-identity';
import type { CustodySite } from './custody-site';
import { directoryLayout } from './directory-layout';
import { openFrames } from './open-frames';

/** A custody directory. Nothing in it is touched but its identity. */
export function directorySite(directory: string, { shared = false } = {}): CustodySite {
  const layout = directoryLayout(directory);
  return {
    name: `${shared ? 'shared ' : ''}custody directory ${directory}`,
    setting: 'custody.directory',
    identityPlace: identityPath(directory),
    readIdentity: () => readCustodyIdentity(directory),
    async writeIdentity(ledgerId) {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      await writeCustodyIdentity(directory, ledgerId, { shared });
    },
    objects: () => layout.objects(),
    has: (key) =>
      access(layout.objectPath(key)).then(
        () => true,
        () => false,
      ),
    async *read(ring, key) {
      const file = await open(layout.objectPath(key), 'r');
      try {
        yield* openFrames(file, { keyRing: ring, name: key });
      } finally {
        await file.close();
      }
    },
    async opens(ring, key) {
      const file = await open(layout.objectPath(key), 'r');
      try {
        await openFrames(file, { keyRing: ring, name: key }).next();
        return true;
      } catch (error) {
        if (error instanceof CustodyDamagedError) return false;
        throw error;
      } finally {
        await file.close();
      }
    },
  };
}
