import type { Ledger } from '../../ledger/ledger';

/** Written by `mft-bridge ledger restore`. */
const key = 'after-restore';

/**
 * The time (epoch ms) of the last restore; null where there was none. What the ledger does not know and the gateway
 * received before it may have been taken, and sent on, after the backup was made.
 */
export async function readRestoredAt({ settings }: Pick<Ledger, 'settings'>): Promise<number | null> {
  const text = await settings.get(key);
  if (text === undefined) return null;
  const at = timeIn(text);
  // There was a restore, and nobody can read when: then nothing is known to be younger.
  return at ?? Number.POSITIVE_INFINITY;
}

function timeIn(text: string): number | null {
  try {
    const value: unknown = JSON.parse(text);
    const at: unknown = typeof value === 'object' && value !== null && 'at' in value ? value.at : null;
    return typeof at === 'number' && Number.isFinite(at) ? at : null;
  } catch {
    return null;
  }
}
