import { link as linkFile, lstat, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errorCode } from '../custody/error-code';
import { syncDirectory } from '../custody/sync-directory';
import { notThere } from './not-there';

export interface PublishOptions {
  /** An earlier try may have been cut off at any point. */
  readonly resumed: boolean;
  /** The file system's link; replaced where a test needs one that has none. */
  readonly link?: typeof linkFile;
}

/** File systems without hard links: FAT, some network shares, some FUSE. */
const withoutLinks = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS']);

/**
 * Gives a staged file its final name, durably, and never over another file: `taken` says that another one has the name.
 * Done again after a crash at any point, it ends in the same state.
 *
 * The final name is durable before the staged one is removed: at every moment at least one of the two is there. That a
 * staged file is gone proves nothing by itself, though: the folder may be another than the one in which it was staged.
 */
export async function publishFile(
  staged: string,
  final: string,
  { resumed, link = linkFile }: PublishOptions,
): Promise<'published' | 'taken'> {
  const tried = await tryLink(link, staged, final);
  if (tried === 'linked' || (tried === 'exists' && (await areSameFile(staged, final)))) {
    await syncDirectory(dirname(final));
    await rm(staged, { force: true });
    await syncDirectory(dirname(staged));
    return 'published';
  }
  if (tried === 'exists') {
    // Without links a name is reserved by an empty file: one that an earlier try left behind is ours to fill.
    const ours = resumed && (await isEmptyFile(final)) && !(await hasLinks(link, staged));
    if (!ours) return 'taken';
  } else if (!(await reserve(final))) {
    return 'taken';
  }
  await rename(staged, final);
  await syncDirectory(dirname(final));
  await syncDirectory(dirname(staged));
  return 'published';
}

/** Whether both names are links to one file. */
export async function areSameFile(one: string, other: string): Promise<boolean> {
  const [a, b] = await Promise.all([one, other].map((path) => lstat(path, { bigint: true }).catch(notThere)));
  return a !== undefined && b !== undefined && a.dev === b.dev && a.ino === b.ino;
}

async function tryLink(
  link: typeof linkFile,
  from: string,
  to: string,
): Promise<'linked' | 'exists' | 'unsupported'> {
  try {
    await link(from, to);
    return 'linked';
  } catch (error) {
    const code = errorCode(error) ?? '';
    if (code === 'EEXIST') return 'exists';
    if (withoutLinks.has(code)) return 'unsupported';
    throw error;
  }
}

async function hasLinks(link: typeof linkFile, staged: string): Promise<boolean> {
  const probe = `${staged}.probe`;
  const tried = await tryLink(link, staged, probe);
  await rm(probe, { force: true });
  return tried !== 'unsupported';
}

async function reserve(path: string): Promise<boolean> {
  try {
    await (await open(path, 'wx')).close();
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

async function isEmptyFile(path: string): Promise<boolean> {
  const found = await lstat(path).catch(notThere);
  return found !== undefined && found.isFile() && found.size === 0;
}
