import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** An ext4 file system in a file, of which copies can be made as a power cut would leave it. */
export interface CutDisk {
  /** Where it is mounted. */
  readonly directory: string;
  /** Makes durable all that lies on it by now. */
  sync(): Promise<void>;
  /**
   * The backing file as it is now: what the file system has not written to its device is not in it. Only while nobody
   * writes. The file system that is mounted afterwards is the copy, and the old one is gone.
   */
  cut(afterCopy: () => Promise<void>): Promise<void>;
  close(): Promise<void>;
}

const run = (command: string, ...words: string[]): Promise<unknown> => execute(command, words);

/** Why such a disk cannot be had here; null where it can. */
export async function whyNoCutDisk(): Promise<string | null> {
  if (process.platform !== 'linux') return 'not Linux';
  if (process.getuid?.() !== 0) return 'not root: a file system cannot be mounted';
  let disk: CutDisk | undefined;
  try {
    disk = await openCutDisk();
    return null;
  } catch (error) {
    return `no loop-mounted file system here: ${(error as Error).message.split('\n')[0] ?? ''}`;
  } finally {
    await disk?.close();
  }
}

export async function openCutDisk(bytes = 192 * 1024 * 1024): Promise<CutDisk> {
  const home = await mkdtemp(join(tmpdir(), 'power-cut-'));
  const directory = join(home, 'mounted');
  await mkdir(directory);
  let generation = 0;
  const image = (): string => join(home, `disk-${String(generation)}.img`);
  // The journal is written when a program asks for it, and not by the clock: what nobody synced is not saved by luck.
  const mount = (): Promise<unknown> => run('mount', '-o', 'loop,commit=300,noatime', image(), directory);
  const unmount = (): Promise<unknown> => run('umount', directory);

  await run('truncate', '-s', String(bytes), image());
  await run('mkfs.ext4', '-q', '-F', '-E', 'lazy_itable_init=0,lazy_journal_init=0', image());
  await mount().catch(async (error: unknown) => {
    await rm(home, { recursive: true, force: true });
    throw error;
  });

  return {
    directory,
    async sync() {
      await run('sync', '-f', directory);
    },
    async cut(afterCopy) {
      const copy = join(home, `disk-${String(generation + 1)}.img`);
      await copyWhileStill(image(), copy);
      await afterCopy();
      await unmount();
      await rm(image(), { force: true });
      generation += 1;
      await mount();
    },
    async close() {
      await unmount().catch(() => undefined);
      await rm(home, { recursive: true, force: true });
    },
  };
}

/** A copy of one instant: made again where the device was written to meanwhile. */
async function copyWhileStill(from: string, to: string): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) {
    const before = await stat(from, { bigint: true });
    await copyFile(from, to);
    const after = await stat(from, { bigint: true });
    if (before.mtimeNs === after.mtimeNs) return;
  }
  throw new Error('the disk was written to all the time');
}
