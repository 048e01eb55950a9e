import { access, constants, mkdir } from 'node:fs/promises';
import type { BridgeConfig } from '../config/schema';
import type { CustodySite } from '../custody/custody-site';
import { openLedgerReader } from '../ledger/open-ledger';
import type { CustodyStore } from '../open-custody';
import { openStore } from '../open-custody';
import type { Finding, Notes } from './finding';
import { takeNotes } from './finding';

/**
 * A store that several bridges use: whether it can be reached, lets us do all that custody does, and is this ledger's. A
 * directory of this machine alone is looked at with the disk.
 */
export async function checkCustody(
  config: Pick<BridgeConfig, 'custody' | 'egress' | 'ledger'>,
): Promise<readonly Finding[]> {
  const notes = takeNotes('custody');
  const { bucket, shared, cache } = config.custody;
  if (bucket === null && !shared) return [];
  const retry = 'The bridge does not start until then.';
  let store: CustodyStore | undefined;
  try {
    store = await openStore(config);
    await store.check();
    notes.ok(`${store.site.name} does all that custody asks of it`);
    await checkIdentity(store.site, config, notes);
    if (bucket !== null && cache.maxBytes > 0) await checkCache(cache.directory, notes);
  } catch (error) {
    notes.fail(error instanceof Error ? error.message : String(error), retry);
  } finally {
    await store?.close();
  }
  return notes.findings;
}

async function checkIdentity(
  site: CustodySite,
  { ledger }: Pick<BridgeConfig, 'ledger'>,
  notes: Notes,
): Promise<void> {
  const found = await site.readIdentity();
  if (found === undefined) {
    notes.ok('it belongs to no ledger yet: the first start binds it');
    return;
  }
  const reader = await openLedgerReader(ledger, Date.now).catch(() => undefined);
  const named = await reader?.settings.get('ledger-id');
  await reader?.close();
  if (named === found) notes.ok('it belongs to this ledger');
  else
    notes.fail(
      `it belongs to ${named === undefined ? 'a ledger, and this one is new or cannot be read' : 'another ledger'}`,
      `Check ledger and ${site.setting}; two ledgers cannot share a store.`,
    );
}

async function checkCache(directory: string, notes: Notes): Promise<void> {
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await access(directory, constants.W_OK);
    notes.ok(`copies of what is read are kept in ${directory}`);
  } catch {
    notes.fail(
      `${directory} cannot be written: the bridge does not start`,
      'Give it to the user that runs the bridge, or set custody.cache.directory, or custody.cache.maxBytes to 0.',
    );
  }
}
