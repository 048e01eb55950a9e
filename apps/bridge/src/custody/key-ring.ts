import type { KeyObject } from 'node:crypto';
import { createSecretKey, randomBytes } from 'node:crypto';
import { link, mkdir, open, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { errorCode } from './error-code';
import { syncDirectory } from './sync-directory';

export interface RingKey {
  /** 16 hex digits; stands in the clear in each object that the key sealed. */
  readonly id: string;
  /** As a KeyObject, so that no inspect, log or JSON prints it. */
  readonly secret: KeyObject;
}

/** The keys of custody: the newest seals, all of them open. */
export interface KeyRing {
  readonly newest: RingKey;
  /** Oldest first. */
  readonly keys: readonly RingKey[];
  find(id: string): RingKey | undefined;
}

/** The key file cannot be used as it is. The text says what to do. */
export class KeyRingError extends Error {
  override readonly name = 'KeyRingError';
}

const keyFile = z.strictObject({
  format: z.literal('mft-bridge-key-ring'),
  version: z.literal(1),
  keys: z
    .array(
      z.strictObject({
        id: z.string().regex(/^[0-9a-f]{16}$/),
        created: z.iso.datetime(),
        key: z.string().regex(/^[A-Za-z0-9+/]{43}=$/),
      }),
    )
    .min(1)
    .refine((keys) => new Set(keys.map(({ id }) => id)).size === keys.length, 'two keys have the same id'),
});
type KeyFile = z.infer<typeof keyFile>;

/**
 * Opens the key file; makes it (mode 0600) at the very first start. `created` tells the caller to say that the file
 * must be backed up: without it nothing in custody can be opened again.
 *
 * @throws KeyRingError the file is missing though data was sealed with it, readable by others, or malformed
 * @example
 * const { ring, created } = await openKeyRing({ path: 'state/custody.keys.json', holdsData: false, now: Date.now });
 */
export async function openKeyRing(options: {
  path: string;
  /** Custody or ledger already hold data: then a missing key file is a fault, and no reason to make a new one. */
  holdsData: boolean;
  /** Epoch ms. */
  now: () => number;
}): Promise<{ ring: KeyRing; created: boolean }> {
  const { path, holdsData, now } = options;
  const found = await readKeyFile(path);
  if (found !== undefined) return { ring: ringOf(found), created: false };
  if (holdsData) {
    throw new KeyRingError(
      `The key file ${path} is missing, but there is data that was sealed with it. Restore the file from its backup; a new key could not open that data. Where several bridges share custody, all have the same file: copy that of one that runs.`,
    );
  }
  const made: KeyFile = { format: 'mft-bridge-key-ring', version: 1, keys: [newKey(now())] };
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeKeyFile(path, made, 'new');
  return { ring: ringOf(made), created: true };
}

/**
 * Adds a key, which seals from the next start on; what older keys sealed stays as it is and can still be opened.
 * The new file must be backed up before the next start. Returns the new key's id.
 *
 * @throws KeyRingError as openKeyRing
 * @example
 * await rotateKeyRing({ path: 'state/custody.keys.json', now: Date.now });
 */
export async function rotateKeyRing({ path, now }: { path: string; now: () => number }): Promise<string> {
  const found = await readKeyFile(path);
  if (found === undefined) throw new KeyRingError(`There is no key file ${path} to add a key to.`);
  const key = newKey(now());
  await writeKeyFile(path, { ...found, keys: [...found.keys, key] }, 'replace');
  return key.id;
}

function ringOf({ keys }: KeyFile): KeyRing {
  // By place and not by time: the clock may have been set back when the newest was made.
  const ring = keys.map(({ id, key }): RingKey => ({ id, secret: createSecretKey(key, 'base64') }));
  const newest = ring.at(-1);
  if (newest === undefined) throw new KeyRingError('The key file holds no key.');
  const byId = new Map(ring.map((key) => [key.id, key]));
  return { newest, keys: ring, find: (id) => byId.get(id) };
}

function newKey(at: number): KeyFile['keys'][number] {
  return {
    id: randomBytes(8).toString('hex'),
    created: new Date(at).toISOString(),
    key: randomBytes(32).toString('base64'),
  };
}

async function readKeyFile(path: string): Promise<KeyFile | undefined> {
  const file = await open(path, 'r').catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw new KeyRingError(`The key file ${path} cannot be opened: ${String(error)}`, { cause: error });
  });
  if (file === undefined) return undefined;
  try {
    const { mode } = await file.stat();
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
      const bits = (mode & 0o777).toString(8).padStart(4, '0');
      throw new KeyRingError(
        `The key file ${path} can be used by other accounts (mode ${bits}). Run "chmod 600 ${path}"; if others may have read it, rotate the keys.`,
      );
    }
    const parsed = keyFile.safeParse(parseJson(await file.readFile('utf8')));
    if (parsed.success) return parsed.data;
    // Path and kind of the fault only: the value may be a key.
    const faults = parsed.error.issues.map(({ path: at, code }) => `${at.join('.') || 'the file'} (${code})`);
    throw new KeyRingError(
      `The key file ${path} is malformed at ${faults.join(', ')}. Restore it from its backup.`,
    );
  } finally {
    await file.close();
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // the parser's message quotes the text, in which the keys are
  }
}

async function writeKeyFile(path: string, content: KeyFile, how: 'new' | 'replace'): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  const file = await open(temporary, 'wx', 0o600);
  try {
    await file.writeFile(`${JSON.stringify(content, null, 2)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  if (how === 'replace') {
    await rename(temporary, path);
  } else {
    // A link never overwrites: of two bridges that start at once, one keeps its key and the other is refused.
    await link(temporary, path)
      .catch((cause: unknown) => {
        throw new KeyRingError(`The key file ${path} could not be made: ${String(cause)}`, { cause });
      })
      .finally(() => unlink(temporary));
  }
  await syncDirectory(dirname(path));
}
