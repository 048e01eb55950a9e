import { CustodyIdentityError } from './custody/custody-identity';
import type { CustodySite } from './custody/custody-site';
import { someObjects } from './custody/custody-site';
import { checkKeyRing } from './custody/key-check';
import type { KeyRing } from './custody/key-ring';
import { KeyRingError } from './custody/key-ring';
import type { Ledger } from './ledger/ledger';

const pageSize = 1_000;
/** Objects that are tried where it was never noted which keys sealed them. */
const tried = 20;

export interface BindCustodyOptions {
  readonly ledger: Ledger;
  readonly site: CustodySite;
  readonly keyFile: string;
  readonly ring: KeyRing;
  readonly newId: () => string;
  /** Asked when nothing speaks against it, and before anything is written: other bridges may. */
  readonly agree: () => Promise<void>;
}

/**
 * Makes sure that ledger, custody and keys belong together, before anything is read, swept or written. The first start
 * writes into each of ledger and store to whom it belongs; what an earlier version made is bound once it was seen to fit.
 * Of several bridges that start for the first time at once, one writes and the others must fit.
 * @throws CustodyIdentityError the store is another ledger's, or empty where it should hold objects
 * @throws KeyRingError keys are missing, or are others
 */
export async function bindCustody(options: BindCustodyOptions): Promise<void> {
  const { ledger, site, newId } = options;
  const { named, found } = await checkOwner({ ledger, site });
  if (found === undefined) await checkAdoption(options);
  await noteKeys(options);
  if (named === undefined) await ledger.settings.setIfNew('ledger-id', newId());
  const id = named ?? (await ledger.settings.get('ledger-id'));
  // Last: a start that is cut off before it has bound nothing that could be refused later.
  if (found === undefined && id !== undefined) await site.writeIdentity(id);
}

/**
 * Whether the store is this ledger's, or says nothing yet. Asked before the keys are: whoever names a wrong store should
 * not be told of a key file.
 * @throws CustodyIdentityError
 */
export async function checkOwner({
  ledger,
  site,
}: Pick<BindCustodyOptions, 'ledger' | 'site'>): Promise<{ named?: string; found?: string }> {
  // In this order: a bridge that starts beside this one writes its id first into the ledger, then into the store.
  const found = await site.readIdentity();
  const named = await ledger.settings.get('ledger-id');
  if (found !== undefined && found !== named) {
    throw new CustodyIdentityError(
      `The ${site.name} belongs to ${named === undefined ? 'an existing ledger, and this one is new' : 'another ledger'}. Check ledger.file and ${site.setting}; where the ledger was lost, put its backup in place with "mft-bridge ledger restore". For a new start give this bridge a custody of its own.`,
    );
  }
  return { ...(named === undefined ? {} : { named }), ...(found === undefined ? {} : { found }) };
}

/** The first bridge's keys are those of custody; each later one must have them all. */
async function noteKeys(options: BindCustodyOptions): Promise<void> {
  const { ledger, ring, keyFile } = options;
  const { settings } = ledger;
  const before = await settings.get('key-checks');
  const own = checkKeyRing(ring, before, keyFile);
  if (before === undefined) await tryKeys(options);
  await options.agree();
  if (before === undefined) await settings.setIfNew('key-checks', own);
  // Another bridge may have written meanwhile.
  const noted = await settings.get('key-checks');
  const checks = checkKeyRing(ring, noted, keyFile);
  if (checks !== noted) await settings.set('key-checks', checks);
}

/** A store that does not say whose it is: it must hold what the ledger says, and nothing if the ledger is new. */
async function checkAdoption({ ledger, site }: BindCustodyOptions): Promise<void> {
  const { items } = await ledger.messages.list({ limit: 1 });
  const [first] = await someObjects(site, 1);
  if (items.length === 0 && first !== undefined) {
    throw new CustodyIdentityError(
      `The ${site.name} holds objects, but the ledger is empty: they belong to another ledger. Check ledger.file and ${site.setting}; where the ledger was lost, put its backup in place with "mft-bridge ledger restore".`,
    );
  }
  let missing = 0;
  let example = '';
  for (let after = ''; ;) {
    const page = await ledger.messages.storedCustodyKeys({ after, limit: pageSize });
    const last = page.at(-1);
    if (last === undefined) break;
    after = last.attachmentId;
    for (const { original, sanitized, messageId } of page) {
      for (const key of sanitized === null ? [original] : [original, sanitized]) {
        if (await site.has(key)) continue;
        missing += 1;
        example = messageId;
      }
    }
  }
  if (missing > 0) {
    throw new CustodyIdentityError(
      `The ${site.name} lacks ${missing} of the objects that the ledger refers to (message ${example} for one): it is another one, or its disk is not mounted. Check ${site.setting}. To go on without them, write {"ledger":"${(await ledger.settings.get('ledger-id')) ?? 'any-name'}"} into ${site.identityPlace}.`,
    );
  }
}

/** Whether the ring opens what is there. One altered object says nothing about the keys; all of them do. */
async function tryKeys({ site, ring, keyFile }: BindCustodyOptions): Promise<void> {
  const keys = await someObjects(site, tried);
  if (keys.length === 0) return;
  for (const key of keys) if (await site.opens(ring, key)) return;
  throw new KeyRingError(
    `The keys in ${keyFile} open none of the objects in the ${site.name}: it is the key file of another bridge. Restore the right one from its backup.`,
  );
}
