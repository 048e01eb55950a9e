import { randomUUID } from 'node:crypto';
import { rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BridgeConfig } from '../config/schema';
import { folderRecordKey, whyNotIts } from '../destinations/folder-identity';
import { readMark } from '../destinations/folder-mark';
import { openLedgerReader } from '../ledger/open-ledger';
import type { Finding } from './finding';
import { takeNotes } from './finding';

/** Whether folders are there, are the right ones, and can be written; AS2 destinations are looked at with the gateway. */
export async function checkDestinations({
  destinations,
  routes,
  ledger,
}: Pick<BridgeConfig, 'destinations' | 'routes' | 'ledger'>): Promise<readonly Finding[]> {
  const notes = takeNotes('destinations');
  // One that cannot be read is a finding of its own, and before the first start there is none.
  const reader = await openLedgerReader(ledger, Date.now).catch(() => undefined);
  const noted = async (name: string): Promise<string | undefined> =>
    reader?.settings.get(folderRecordKey(name)).catch(() => undefined);
  for (const [name, destination] of Object.entries(destinations)) {
    if (destination.kind !== 'folder') continue;
    const { directory } = destination;
    const found = await stat(directory).catch(() => undefined);
    if (found?.isDirectory() !== true) {
      notes.fail(`${name}: ${directory} is no directory`, 'Create it, or mount its share.');
      continue;
    }
    const why = await strangerTo(directory, await noted(name));
    if (why !== null) {
      notes.fail(`${name}: ${why}`, 'Until then what is to be delivered into it waits.');
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
  await reader?.close();
  const used = new Set(routes.flatMap((route) => route.destinations));
  for (const name of Object.keys(destinations))
    if (!used.has(name)) notes.warn(`${name}: no route leads there`, 'Add a route, or remove it.');
  if (notes.findings.length === 0) notes.ok('all are AS2 partners: see gateway');
  return notes.findings;
}

/** Why a folder is not the one into which the bridge has delivered so far; null where it is, or none is known yet. */
async function strangerTo(directory: string, noted: string | undefined): Promise<string | null> {
  if (noted === undefined) return null;
  const found = await readMark(directory).catch(() => null);
  return found === noted ? null : whyNotIts({ directory, noted, found });
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
