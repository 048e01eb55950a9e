import { open } from 'node:fs/promises';

/**
 * Makes the entries of a directory durable: without it, a file that was made or renamed may be gone after a power cut
 * although its own bytes were synced. Windows cannot sync directories and does not need it (NTFS journals them).
 */
export async function syncDirectory(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
