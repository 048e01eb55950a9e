import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Directories that a process which ends without `close()` still has to remove. */
const open = new Set<string>();

function removeAll(): void {
  for (const directory of open) rmSync(directory, { recursive: true, force: true });
}

/** A private directory for the content of one sandbox: made on first use, gone after `close`. */
export interface BlobDirectory {
  /** A path of its own for a new file. */
  nextPath(): Promise<string>;
  close(): Promise<void>;
}

/** Makes nothing until the first path is asked for; `mkdtemp` gives the directory mode 0700. */
export function createBlobDirectory(): BlobDirectory {
  let directory: Promise<string> | undefined;
  let closed = false;
  let count = 0;
  async function make(): Promise<string> {
    const made = await mkdtemp(join(tmpdir(), 'mft-bridge-sandbox-'));
    if (open.size === 0) process.once('exit', removeAll);
    open.add(made);
    return made;
  }
  return {
    async nextPath() {
      if (closed) throw new Error('The sandbox is closed: it takes no more content.');
      directory ??= make();
      // Taken before the wait: two that wait for the directory together must not get one path.
      count += 1;
      const name = String(count);
      return join(await directory, name);
    },
    async close() {
      closed = true;
      if (directory === undefined) return;
      const made = await directory;
      await rm(made, { recursive: true, force: true });
      open.delete(made);
      if (open.size === 0) process.removeListener('exit', removeAll);
    },
  };
}
