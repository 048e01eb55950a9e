import { existsSync } from 'node:fs';
import type { BridgeConfig } from '../config/schema';
import { openKeyRing } from '../custody/key-ring';
import { holdsSealedData } from '../holds-sealed-data';
import { openLedgerReader } from '../ledger/open-ledger';
import type { Finding } from './finding';
import { takeNotes } from './finding';
import { lookAtStore } from './look-at-store';

/** The keys of custody. Makes none: that is the first start's. */
export async function checkKeys(
  config: Pick<BridgeConfig, 'custody' | 'egress' | 'ledger'>,
): Promise<readonly Finding[]> {
  const notes = takeNotes('keys');
  const { keyFile } = config.custody;
  if (!existsSync(keyFile)) {
    const isNeeded = await needsKeys(config);
    if (isNeeded === false) notes.ok(`${keyFile} will be made at the first start; back it up then`);
    if (isNeeded === undefined)
      notes.skip(
        `${keyFile} is not there, and the ledger cannot be read: it is lost, or will be made at the first start`,
      );
    if (isNeeded !== true) return notes.findings;
  }
  try {
    const { ring } = await openKeyRing({ path: keyFile, holdsData: true, now: Date.now });
    notes.ok(`${keyFile} can be read; new bytes are sealed with key ${ring.newest.id}`);
  } catch (error) {
    notes.fail(
      error instanceof Error ? error.message : String(error),
      'The bridge does not start until then.',
    );
  }
  return notes.findings;
}

/** As a start judges it; undefined where the ledger tells nothing. */
async function needsKeys(
  config: Pick<BridgeConfig, 'custody' | 'egress' | 'ledger'>,
): Promise<boolean | undefined> {
  const { ledger } = config;
  const inCustody = (): Promise<boolean> =>
    lookAtStore(config).then(
      ({ holdsObjects }) => holdsObjects,
      () => false,
    );
  if (ledger.postgres === null && !existsSync(ledger.file)) return inCustody();
  try {
    const reader = await openLedgerReader(ledger, Date.now);
    try {
      return await holdsSealedData({ ledger: reader, holdsObjects: inCustody });
    } finally {
      await reader.close();
    }
  } catch {
    return (await inCustody()) ? true : undefined;
  }
}
