import type { LedgerReader } from './ledger/ledger-reader';

export interface SealedDataPlaces {
  readonly ledger: {
    readonly messages: Pick<LedgerReader['messages'], 'list'>;
    readonly settings: Pick<LedgerReader['settings'], 'get'>;
  };
  /** Whether custody holds anything. */
  readonly holdsObjects: () => Promise<boolean>;
}

/**
 * Whether there is data that a key sealed: then a key file that is missing is a loss, and otherwise the first start makes
 * it. That a ledger exists says nothing: a first start that ended before it could write the key file leaves one behind,
 * and no next start could have got past it.
 *
 * @example
 * const holdsData = await holdsSealedData({ ledger, holdsObjects: () => holdsObjects(directory) });
 */
export async function holdsSealedData({ ledger, holdsObjects }: SealedDataPlaces): Promise<boolean> {
  // Noted when the keys were used for the first time, and never taken back.
  if ((await ledger.settings.get('key-checks')) !== undefined) return true;
  const { items } = await ledger.messages.list({ limit: 1 });
  return items.length > 0 || (await holdsObjects());
}
