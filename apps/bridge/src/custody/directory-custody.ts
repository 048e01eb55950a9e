import { randomBytes } from 'node:crypto';
import { open, rename, rm, statfs } from 'node:fs/promises';
import { addAbortSignal, Readable } from 'node:stream';
import type { Custody, Deposit, RangedCustody, StoredObject } from './custody';
import { CustodyDamagedError, CustodyFullError, CustodyUnavailableError } from './custody';
import { readCustodyIdentity } from './custody-identity';
import { openDirectoryLayout, storeClock } from './directory-layout';
import { errorCode } from './error-code';
import type { KeyRing } from './key-ring';
import { sniffMedia } from './media';
import { openFrames } from './open-frames';
import { createSealer } from './seal-frames';
import { storeGraceMs } from './store-grace';
import { syncDirectory } from './sync-directory';
import { writeDeposit } from './write-deposit';

export interface DirectoryCustodyOptions {
  readonly directory: string;
  readonly keyRing: KeyRing;
  /** The reserve: below this many free bytes nothing is taken, so that the ledger beside it can still be written. Default 512 MiB. */
  readonly minFreeBytes?: number;
  /** Other bridges deposit in it as well. Default false. */
  readonly shared?: boolean;
  /** A clock that is never put back, in ms. */
  readonly monotonic?: () => number;
}

/**
 * With so much room, the look at the disk is not repeated for a moment: small messages ask several times each, and no disk writes
 * as much in that time.
 */
const plentyBytes = 1024 * 1024 * 1024;
const lookMs = 100;

/**
 * Custody in a directory, encrypted. Removes what unfinished deposits of an earlier run left behind, so only one process
 * may hold it, unless it is `shared`: open the ledger, which refuses a second one, before.
 *
 * @example
 * const custody = await openDirectoryCustody({ directory: 'state/custody', keyRing: ring });
 * const { key, sha256 } = await custody.deposit(download.body, { name: 'orders.edi', signal });
 * custody.open(key).pipe(destination);
 */
export async function openDirectoryCustody(options: DirectoryCustodyOptions): Promise<RangedCustody> {
  const { directory, keyRing, minFreeBytes = 512 * 1024 * 1024, shared = false } = options;
  const { monotonic = () => performance.now() } = options;
  const layout = await openDirectoryLayout(directory, { shared });
  const underWay = new Set<Promise<unknown>>();
  let closed = false;

  let looked = { room: 0, until: -Infinity };
  const room = async (): Promise<number> => {
    if (looked.room > plentyBytes && monotonic() < looked.until) return looked.room;
    const { bavail, bsize } = await statfs(directory);
    looked = { room: Math.max(0, bavail * bsize - minFreeBytes), until: monotonic() + lookMs };
    return looked.room;
  };

  const checkRoom = async (): Promise<void> => {
    if ((await room()) > 0) return;
    throw new CustodyFullError(
      `The disk of ${directory} has less than ${minFreeBytes} bytes free, the reserve of custody. Nothing more is taken until space is freed.`,
    );
  };

  const store = async (source: Readable, { name, signal, onBytes }: DepositOptions): Promise<Deposit> => {
    const key = randomBytes(16).toString('hex');
    const temporary = layout.temporaryPath(key);
    const file = await open(temporary, 'wx', 0o600);
    try {
      const sealer = createSealer({ key: keyRing.newest, name: key });
      const { head, ...facts } = await writeDeposit(source, file, sealer, { onBytes, checkRoom });
      const media = await sniffMedia(head, name);
      await file.sync();
      await file.close();
      const folder = await layout.prepareFolder(key);
      signal?.throwIfAborted();
      await rename(temporary, layout.objectPath(key));
      await syncDirectory(folder);
      return { key, media, ...facts };
    } catch (error) {
      await file.close().catch(() => undefined);
      await rm(temporary, { force: true });
      await rm(layout.objectPath(key), { force: true });
      throw isFull(error)
        ? new CustodyFullError(
            `The disk of ${directory} is full. Nothing more is taken until space is freed.`,
            {
              cause: error,
            },
          )
        : error;
    }
  };

  const openFrom = (key: string, start: number): Readable =>
    Readable.from(
      readObject(() => layout.objectPath(key), { keyRing, name: key, start, directory, shared }),
      {
        objectMode: false,
        highWaterMark: 1024 * 1024,
      },
    );

  return {
    async deposit(source, depositOptions) {
      if (depositOptions.signal !== undefined) addAbortSignal(depositOptions.signal, source);
      // Until the stream is read, nobody would listen to it: an abort must not end the process.
      source.on('error', () => undefined);
      const storing = closed ? Promise.reject(new Error('custody is closed')) : store(source, depositOptions);
      underWay.add(storing);
      try {
        return await storing;
      } finally {
        underWay.delete(storing);
        source.destroy();
      }
    },
    open: (key) => openFrom(key, 0),
    openFrom,
    async remove(key) {
      // Not synced: an object that comes back after a power cut belongs to nobody, and the cleaning finds it.
      await rm(layout.objectPath(key), { force: true });
    },
    async *list(): AsyncGenerator<StoredObject, void> {
      const young = shared ? (await storeClock(directory)) - storeGraceMs : Infinity;
      for await (const object of layout.objects()) yield { ...object, mayBeUnderWay: object.at >= young };
    },
    room,
    async close() {
      closed = true;
      await Promise.allSettled(underWay);
    },
  };
}

type DepositOptions = Parameters<Custody['deposit']>[1];

async function* readObject(
  path: () => string,
  options: { keyRing: KeyRing; name: string; start: number; directory: string; shared: boolean },
): AsyncGenerator<Buffer, void> {
  const { name, directory, shared } = options;
  const file = await open(path(), 'r').catch(async (cause: unknown) => {
    if (errorCode(cause) !== 'ENOENT') throw cause;
    // All objects look missing in a shared directory that is not mounted any more; the work waits for it.
    if (shared && (await readCustodyIdentity(directory)) === undefined) {
      throw new CustodyUnavailableError(
        `The custody directory ${directory} does not say any more to which ledger it belongs: it is not mounted, or another one is. Mount it again.`,
        { cause },
      );
    }
    throw new CustodyDamagedError(`Object ${name} is missing from custody.`, { cause });
  });
  try {
    yield* openFrames(file, options);
  } catch (error) {
    if (!(error instanceof CustodyDamagedError)) throw error;
    throw new CustodyDamagedError(`Object ${name} in custody is damaged: ${error.message}.`, {
      cause: error,
    });
  } finally {
    await file.close();
  }
}

function isFull(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT'].includes(errorCode(error) ?? '');
}
