import { randomUUID } from 'node:crypto';
import { rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BridgeConfig } from '../config/schema';
import type { Finding } from './finding';
import { takeNotes } from './finding';

/** Whether folders are there and can be written; AS2 destinations are looked at with the gateway. */
export async function checkDestinations({
  destinations,
  routes,
}: Pick<BridgeConfig, 'destinations' | 'routes'>): Promise<readonly Finding[]> {
  const notes = takeNotes('destinations');
  for (const [name, destination] of Object.entries(destinations)) {
    if (destination.kind !== 'folder') continue;
    const { directory } = destination;
    const found = await stat(directory).catch(() => undefined);
    if (found?.isDirectory() !== true) {
      notes.fail(`${name}: ${directory} is no directory`, 'Create it, or mount its share.');
      continue;
    }
    const fault = await tryWrite(directory);
    if (fault === null) notes.ok(`${name}: ${directory} can be written`);
    else
      notes.fail(
        `${name}: ${directory} cannot be written (${fault})`,
        'Give the bridge the right to write there.',
      );
  }
  const used = new Set(routes.flatMap((route) => route.destinations));
  for (const name of Object.keys(destinations))
    if (!used.has(name)) notes.warn(`${name}: no route leads there`, 'Add a route, or remove it.');
  if (notes.findings.length === 0) notes.ok('all are AS2 partners: see gateway');
  return notes.findings;
}

/** Hidden, and gone at once: readers of the folder see nothing of it. */
async function tryWrite(directory: string): Promise<string | null> {
  const file = join(directory, `.mft-bridge-doctor-${randomUUID()}`);
  try {
    await writeFile(file, '', { flag: 'wx' });
    await rm(file);
    return null;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unknown';
  }
}
