import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { access, link, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { errorCode } from '../error-code';
import { CommandError } from '../run-command';

/** How a file is put in its place. */
export interface SaveOptions {
  /** Replace what is there. Without it nothing that exists is ever touched. */
  readonly force: boolean;
  /** Of the file; default 0o666 less the umask. 0o600 for secrets. */
  readonly mode?: number | undefined;
}

/**
 * Writes a whole file: under a name of its own first, synced, and put in its place only when every byte was there. Nobody sees half
 * of it, and without `force` an existing file wins even if it came into being meanwhile.
 *
 * @returns bytes
 * @throws CommandError where there is a file already
 */
export async function saveFile(
  path: string,
  content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  { force, mode = 0o666 }: SaveOptions,
): Promise<number> {
  // Asked before as well, so that nothing is fetched for a place that is taken.
  if (!force) await refuseTaken(path);
  return throughDraft(path, force, (draft) => write(draft, content, mode));
}

/**
 * Lets `fill` write a file under a name of its own beside `path`, and puts it in its place when that went well.
 *
 * @throws CommandError where there is a file already; and what `fill` throws, with nothing left behind
 */
export async function throughDraft<Result>(
  path: string,
  force: boolean,
  fill: (draft: string) => Promise<Result>,
): Promise<Result> {
  await mkdir(dirname(path), { recursive: true });
  const draft = join(dirname(path), `.${randomBytes(8).toString('hex')}.part`);
  try {
    const result = await fill(draft);
    if (force) await rename(draft, path);
    else await moveUnlessTaken(draft, path);
    await syncDirectory(dirname(path));
    return result;
  } finally {
    await rm(draft, { force: true });
  }
}

/** @throws CommandError where there is a file of this name */
export async function refuseTaken(path: string): Promise<void> {
  if (await isTaken(path)) throw alreadyThere(path);
}

/** Whether there is something of this name. */
export function isTaken(path: string): Promise<boolean> {
  return access(path, constants.F_OK).then(
    () => true,
    () => false,
  );
}

async function write(
  draft: string,
  content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  mode: number,
): Promise<number> {
  const file = await open(draft, 'wx', mode);
  try {
    let size = 0;
    for await (const piece of content) {
      await file.writeFile(piece);
      size += piece.byteLength;
    }
    await file.sync();
    return size;
  } finally {
    await file.close();
  }
}

// A link is the one call that puts a file in place and fails if there is one. FAT and some network shares have none.
async function moveUnlessTaken(draft: string, path: string): Promise<void> {
  try {
    await link(draft, path);
  } catch (error) {
    const code = errorCode(error);
    if (code === 'EEXIST') throw alreadyThere(path);
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'ENOSYS') throw error;
    await refuseTaken(path);
    await rename(draft, path);
  }
}

/** Without it a power cut can take the name away again. Windows cannot open directories. */
async function syncDirectory(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/** What is said of a place that holds something else. */
export function alreadyThere(path: string): CommandError {
  return new CommandError(`${path} exists already and was not touched. --force replaces it.`);
}
