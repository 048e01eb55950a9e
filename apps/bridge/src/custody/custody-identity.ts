import { open, readFile, rename } from 'node:fs/promises';
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
  const id = parseId(text);
  if (id === undefined) {
    throw new CustodyIdentityError(
      `${path} does not name a ledger: it was altered or cut off. Put back the one from a backup of the custody directory.`,
    );
  }
  return id;
}

/** Binds the directory, which exists, to a ledger, durably. */
export async function writeCustodyIdentity(directory: string, ledgerId: string): Promise<void> {
  const path = identityPath(directory);
  const draft = `${path}.new`;
  const file = await open(draft, 'w', 0o600);
  try {
    await file.writeFile(`${JSON.stringify({ ledger: ledgerId })}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
  await syncDirectory(directory);
}

function parseId(text: string): string | undefined {
  try {
    const { ledger } = JSON.parse(text) as { ledger?: unknown };
    return typeof ledger === 'string' && ledger !== '' ? ledger : undefined;
  } catch {
    return undefined;
  }
}
