import { open } from 'node:fs/promises';

/** Makes a file, or the names in a directory, durable. */
export async function syncFile(path: string): Promise<void> {
  // A directory cannot be opened on Windows; its file systems keep their own journal of names.
  const handle = await open(path, 'r').catch((error: unknown) => {
    if (process.platform === 'win32') return undefined;
    throw error;
  });
  if (handle === undefined) return;
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
