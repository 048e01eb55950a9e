import { constants } from 'node:fs';
import { access, stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { formatByteSize } from '../config/byte-size';
import type { BridgeConfig } from '../config/schema';
import type { Finding } from './finding';
import { takeNotes } from './finding';

/** Space for custody, and who may read what the bridge writes. */
export async function checkDisk({
  dataDirectory,
  custody,
}: Pick<BridgeConfig, 'dataDirectory' | 'custody'>): Promise<readonly Finding[]> {
  const notes = takeNotes('disk');
  const existing = await nearestExisting(dataDirectory);
  const made = existing === dataDirectory;
  if (!(await isWritable(existing))) {
    notes.fail(
      `${existing} cannot be written by this user`,
      'Give it to the user that runs the bridge, or set dataDirectory to a directory of its own.',
    );
    return notes.findings;
  }
  notes.ok(made ? `${dataDirectory} can be written` : `${dataDirectory} will be made at the first start`);
  if (made && process.platform !== 'win32') {
    const { mode } = await stat(dataDirectory);
    if ((mode & 0o077) !== 0) {
      notes.warn(
        `other users of this machine can look into ${dataDirectory}: names of partners and files stand in the ledger`,
        `Run "chmod 700 ${dataDirectory}".`,
      );
    }
  }
  // In a bucket there is room; what is kept here of it has its own bound.
  if (custody.bucket !== null) return notes.findings;
  const { bavail, bsize } = await statfs(await nearestExisting(custody.directory));
  const free = bavail * bsize;
  const room = free - custody.minFreeBytes;
  if (room <= 0) {
    notes.fail(
      `${formatByteSize(free)} are free where custody is, and ${formatByteSize(custody.minFreeBytes)} are kept back: intake would be paused`,
      'Free some space, move custody.directory to a larger disk, or lower custody.minFreeBytes.',
    );
  } else {
    notes.ok(
      `${formatByteSize(free)} are free where custody is; ${formatByteSize(custody.minFreeBytes)} of them are kept back`,
    );
  }
  return notes.findings;
}

async function nearestExisting(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined);
  const parent = dirname(path);
  return found !== undefined || parent === path ? path : nearestExisting(parent);
}

async function isWritable(path: string): Promise<boolean> {
  return access(path, constants.W_OK).then(
    () => true,
    () => false,
  );
}
