import { copyFile, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestBucket } from './start-bucket';

const suffix = '._S3rver_object';

/**
 * Copies the objects of a bucket into a custody directory, which holds the same sealed bytes: so whoever examines the one
 * can examine the other. @returns their keys
 */
export async function mirrorBucket(
  { directory, section }: TestBucket,
  custodyDirectory: string,
): Promise<readonly string[]> {
  const from = join(directory, String(section['prefix']), 'objects');
  const names = (await readdir(from).catch(() => [])).filter((name) => name.endsWith(suffix));
  const keys = names.map((name) => name.slice(0, -suffix.length));
  for (const key of keys) {
    const folder = join(custodyDirectory, 'objects', key.slice(0, 2));
    await mkdir(folder, { recursive: true });
    await copyFile(join(from, key + suffix), join(folder, key));
  }
  return keys;
}
