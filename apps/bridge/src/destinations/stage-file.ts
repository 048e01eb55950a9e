import { createHash, randomBytes } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { open, readdir, rename, rm } from 'node:fs/promises';
import { errorCode } from '../custody/error-code';
import { syncDirectory } from '../custody/sync-directory';
import { basename, dirname, join } from 'node:path';
import type { DeliverySteps, Parcel } from './destination';
import { withhold } from './withhold';

/**
 * Writes a parcel under a temporary name and makes it durable. A failed try leaves nothing under that name.
 *
 * It is written under a name of this try's own first. Of several bridges one may have been stopped in the middle of this very
 * step, and go on when another has long taken it over: then it writes into a file that nobody looks at any more, and takes
 * nothing away that the other has staged. What takes the place of an earlier try's file is never written into it: that may be
 * linked under its final name already.
 *
 * @throws CustodyDamagedError the bytes are not those that were cleared
 */
export async function stageFile(
  parcel: Parcel,
  path: string,
  steps: Pick<DeliverySteps, 'signal' | 'onBytes' | 'checkHeld'>,
): Promise<void> {
  steps.checkHeld?.();
  await clearTries(path);
  const own = `${path}.${randomBytes(6).toString('hex')}`;
  const file = await open(own, 'wx');
  try {
    let sent = 0;
    let writing: Promise<unknown> = Promise.resolve();
    try {
      for await (const chunk of withhold(parcel) as AsyncIterable<Buffer>) {
        steps.signal.throwIfAborted();
        // While one chunk is written the next is read and hashed.
        await writing;
        writing = writeAll(file, chunk);
        writing.catch(() => undefined);
        sent += chunk.length;
        steps.onBytes(sent);
      }
      await writing;
    } finally {
      await writing.catch(() => undefined);
    }
    steps.signal.throwIfAborted();
    await file.sync();
    await file.close();
    // One that began when another had published already would leave a staged file that belongs to nothing; and in place of one that
    // is linked under its final name, the next look would take the published file for somebody else's and publish a second.
    steps.checkHeld?.();
    await rename(own, path);
    await syncDirectory(dirname(path));
  } catch (error) {
    await file.close().catch(() => undefined);
    await rm(own, { force: true });
    throw error;
  }
}

/** Takes away what was staged, and what tries that were cut off left beside it. */
export async function clearStaged(path: string): Promise<void> {
  await clearTries(path);
  await rm(path, { force: true });
}

async function clearTries(path: string): Promise<void> {
  const directory = dirname(path);
  const names = await readdir(directory).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  });
  for (const name of names.filter((candidate) => candidate.startsWith(`${basename(path)}.`)))
    await rm(join(directory, name), { force: true });
}

/** Whether a staged file, if there is one, holds the parcel's bytes; `missing` if there is none. */
export async function checkStaged(parcel: Parcel, path: string): Promise<'whole' | 'other' | 'missing'> {
  const file = await open(path, 'r').catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (file === undefined) return 'missing';
  try {
    const { size } = await file.stat();
    if (size !== parcel.size) return 'other';
    const hash = createHash('sha256');
    const stream = file.createReadStream({ autoClose: false, highWaterMark: 1024 * 1024 });
    for await (const chunk of stream as AsyncIterable<Buffer>) hash.update(chunk);
    return hash.digest('hex') === parcel.sha256 ? 'whole' : 'other';
  } finally {
    await file.close();
  }
}

async function writeAll(file: FileHandle, chunk: Buffer): Promise<void> {
  for (let done = 0; done < chunk.length;) {
    const { bytesWritten } = await file.write(chunk, done);
    done += bytesWritten;
  }
}
