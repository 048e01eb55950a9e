import { randomBytes } from 'node:crypto';
import { link, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from './error-code';
import { syncDirectory } from './sync-directory';

/** Says in a custody directory to which ledger its objects belong. */
const fileName = 'ledger.json';

/** The directory, the ledger and the keys do not belong together. The text says what to do. */
export class CustodyIdentityError extends Error {
  override readonly name = 'CustodyIdentityError';
}

/** Where the identity of a custody directory stands. */
export const identityPath = (directory: string): string => join(directory, fileName);

/** The id of the ledger to which the directory belongs; undefined where it does not say. @throws CustodyIdentityError */
export async function readCustodyIdentity(directory: string): Promise<string | undefined> {
  const path = identityPath(directory);
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  return parseIdentity(text, path);
}

/** The id in the text of an identity. @throws CustodyIdentityError */
export function parseIdentity(text: string, place: string): string {
  const id = parseId(text);
  if (id === undefined) {
    throw new CustodyIdentityError(
      `${place} does not name a ledger: it was altered or cut off. Put back the one from a backup of custody.`,
    );
  }
  return id;
}

/** What is written there. */
export const identityText = (ledgerId: string): string => `${JSON.stringify({ ledger: ledgerId })}\n`;

/** Another ledger has bound the store between the look at it and the writing. */
export function boundMeanwhile(store: string): CustodyIdentityError {
  return new CustodyIdentityError(
    `The ${store} was bound to another ledger a moment ago: two bridges with different ledgers were started on it at once. Give each ledger a custody of its own.`,
  );
}

/**
 * Binds the directory, which exists, to a ledger, durably.
 * @throws CustodyIdentityError it is `shared`, and another ledger was quicker
 */
export async function writeCustodyIdentity(
  directory: string,
  ledgerId: string,
  { shared = false }: { shared?: boolean } = {},
): Promise<void> {
  const path = identityPath(directory);
  // Two bridges that start at once must not write into one draft.
  const draft = shared ? `${path}.${randomBytes(6).toString('hex')}.new` : `${path}.new`;
  const file = await open(draft, 'w', 0o600);
  try {
    await file.writeFile(identityText(ledgerId));
    await file.sync();
  } finally {
    await file.close();
  }
  if (shared) await linkOnce(draft, path, directory, ledgerId);
  else await rename(draft, path);
  await syncDirectory(directory);
}

/** A link never overwrites. */
async function linkOnce(draft: string, path: string, directory: string, ledgerId: string): Promise<void> {
  try {
    await link(draft, path);
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
    if ((await readCustodyIdentity(directory)) !== ledgerId)
      throw boundMeanwhile(`shared custody directory ${directory}`);
  } finally {
    await rm(draft, { force: true });
  }
}

function parseId(text: string): string | undefined {
  try {
    const { ledger } = JSON.parse(text) as { ledger?: unknown };
    return typeof ledger === 'string' && ledger !== '' ? ledger : undefined;
  } catch {
    return undefined;
  }
}
