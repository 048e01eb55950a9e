import { hkdfSync } from 'node:crypto';
import { z } from 'zod';
import type { KeyRing } from './key-ring';
import { KeyRingError } from './key-ring';

const checks = z.record(z.string(), z.string());

/**
 * Compares the ring with what was noted of its keys when they were used before, and returns what is to be noted now. A
 * check value is derived from the key and tells nothing about it. `noted` is the text of an earlier call.
 * @throws KeyRingError where a key is missing, or is another one under the same id
 */
export function checkKeyRing(ring: KeyRing, noted: string | undefined, path: string): string {
  const known = checks.parse(noted === undefined ? {} : JSON.parse(noted));
  for (const [id, value] of Object.entries(known)) {
    const key = ring.find(id);
    if (key === undefined) {
      throw new KeyRingError(
        `The key file ${path} lacks key ${id}, which sealed what is in custody: it is an older file, or the one of another bridge. Restore the newest backup of the key file; where several bridges share custody, copy the file of one that runs.`,
      );
    }
    if (checkValue(key) !== value) {
      throw new KeyRingError(
        `Key ${id} in ${path} is not the key that sealed what is in custody: the file was altered. Restore it from its backup.`,
      );
    }
  }
  return JSON.stringify(Object.fromEntries(ring.keys.map((key) => [key.id, checkValue(key)])));
}

function checkValue({ secret }: KeyRing['newest']): string {
  return Buffer.from(hkdfSync('sha256', secret, '', 'mft-bridge key check 1', 16)).toString('hex');
}
