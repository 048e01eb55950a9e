import { access, mkdir, open } from 'node:fs/promises';
import { CustodyDamagedError } from './custody/custody';
import {
  CustodyIdentityError,
  identityPath,
  readCustodyIdentity,
  writeCustodyIdentity,
} from './custody/custody-identity';
import { directoryLayout } from './custody/directory-layout';
import type { DirectoryLayout } from './custody/directory-layout';
import { checkKeyRing } from './custody/key-check';
import type { KeyRing } from './custody/key-ring';
import { KeyRingError } from './custody/key-ring';
import { openFrames } from './custody/open-frames';
import type { Ledger } from './ledger/ledger';

const pageSize = 1_000;
/** Objects that are tried where it was never noted which keys sealed them. */
const tried = 20;

export interface BindCustodyOptions {
  readonly ledger: Ledger;
  readonly directory: string;
  readonly keyFile: string;
  readonly ring: KeyRing;
  readonly newId: () => string;
}

/**
 * Makes sure that ledger, custody directory and keys belong together, before anything is read, swept or written. The
 * first start writes into each of ledger and directory to whom it belongs; what an earlier version made is bound once
 * it was seen to fit.
 * @throws CustodyIdentityError the directory is another ledger's, or empty where it should hold objects
 * @throws KeyRingError keys are missing, or are others
 */
export async function bindCustody(options: BindCustodyOptions): Promise<void> {
  const { ledger, directory, ring, keyFile, newId } = options;
  await mkdir(directory, { recursive: true, mode: 0o700 });
  // Only looked at: it may turn out to be somebody else's.
  const layout = directoryLayout(directory);
  const named = await ledger.settings.get('ledger-id');
  const found = await readCustodyIdentity(directory);
  if (found !== undefined && found !== named) {
    throw new CustodyIdentityError(
      `The custody directory ${directory} belongs to ${named === undefined ? 'an existing ledger, and this one is new' : 'another ledger'}. Check ledger.file and custody.directory; where the ledger was lost, put its backup in place with "mft-bridge ledger restore". For a new start give this bridge a custody directory of its own.`,
    );
  }
  if (found === undefined) await checkAdoption(options, layout);
  const noted = await ledger.settings.get('key-checks');
  if (noted === undefined) await tryKeys(options, layout);
  const checks = checkKeyRing(ring, noted, keyFile);
  if (checks !== noted) await ledger.settings.set('key-checks', checks);
  const id = named ?? newId();
  if (named === undefined) await ledger.settings.set('ledger-id', id);
  // Last: a start that is cut off before it has bound nothing that could be refused later.
  if (found === undefined) await writeCustodyIdentity(directory, id);
}

/** A directory that does not say whose it is: it must hold what the ledger says, and nothing if the ledger is new. */
async function checkAdoption(
  { ledger, directory }: BindCustodyOptions,
  layout: DirectoryLayout,
): Promise<void> {
  const { items } = await ledger.messages.list({ limit: 1 });
  const [first] = await take(layout, 1);
  if (items.length === 0 && first !== undefined) {
    throw new CustodyIdentityError(
      `The custody directory ${directory} holds objects, but the ledger is empty: they belong to another ledger. Check ledger.file and custody.directory; where the ledger was lost, put its backup in place with "mft-bridge ledger restore".`,
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
        if (await exists(layout, key)) continue;
        missing += 1;
        example = messageId;
      }
    }
  }
  if (missing > 0) {
    throw new CustodyIdentityError(
      `The custody directory ${directory} lacks ${missing} of the objects that the ledger refers to (message ${example} for one): it is another directory, or its disk is not mounted. Check custody.directory. To go on without them, write {"ledger":"${(await ledger.settings.get('ledger-id')) ?? 'any-name'}"} into ${identityPath(directory)}.`,
    );
  }
}

/** Whether the ring opens what is there. One altered object says nothing about the keys; all of them do. */
async function tryKeys(
  { directory, ring, keyFile }: BindCustodyOptions,
  layout: DirectoryLayout,
): Promise<void> {
  const keys = await take(layout, tried);
  if (keys.length === 0) return;
  for (const key of keys) if (await opens(layout, ring, key)) return;
  throw new KeyRingError(
    `The keys in ${keyFile} open none of the objects in ${directory}: it is the key file of another bridge. Restore the right one from its backup.`,
  );
}

async function opens(layout: DirectoryLayout, ring: KeyRing, name: string): Promise<boolean> {
  const file = await open(layout.objectPath(name), 'r');
  try {
    await openFrames(file, { keyRing: ring, name }).next();
    return true;
  } catch (error) {
    if (error instanceof CustodyDamagedError) return false;
    throw error;
  } finally {
    await file.close();
  }
}

async function take(layout: DirectoryLayout, count: number): Promise<readonly string[]> {
  const keys: string[] = [];
  for await (const { key } of layout.objects()) {
    keys.push(key);
    if (keys.length === count) break;
  }
  return keys;
}

function exists(layout: DirectoryLayout, key: string): Promise<boolean> {
  return access(layout.objectPath(key)).then(
    () => true,
    () => false,
  );
}
