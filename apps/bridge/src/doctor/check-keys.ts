import { existsSync } from 'node:fs';
import type { BridgeConfig } from '../config/schema';
import { holdsObjects } from '../custody/directory-layout';
import { openKeyRing } from '../custody/key-ring';
import type { Finding } from './finding';
import { takeNotes } from './finding';

/** The keys of custody. Makes none: that is the first start's. */
export async function checkKeys({
  custody,
  ledger,
}: Pick<BridgeConfig, 'custody' | 'ledger'>): Promise<readonly Finding[]> {
  const notes = takeNotes('keys');
  const holdsData =
    (ledger.postgres === null && existsSync(ledger.file)) ||
    (await holdsObjects(custody.directory).catch(() => false));
  if (!existsSync(custody.keyFile) && !holdsData) {
    notes.ok(`${custody.keyFile} will be made at the first start; back it up then`);
    return notes.findings;
  }
  try {
    const { ring } = await openKeyRing({ path: custody.keyFile, holdsData: true, now: Date.now });
    notes.ok(`${custody.keyFile} can be read; new bytes are sealed with key ${ring.newest.id}`);
  } catch (error) {
    notes.fail(
      error instanceof Error ? error.message : String(error),
      'The bridge does not start until then.',
    );
  }
  return notes.findings;
}
