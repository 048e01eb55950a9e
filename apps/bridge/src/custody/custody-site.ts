import type { KeyRing } from './key-ring';

/** A store as it is looked at before it is used, when it may turn out to be somebody else's. */
export interface CustodySite {
  /** For sentences, after "the". */
  readonly name: string;
  /** The part of the configuration that names it. */
  readonly setting: string;
  /** Where its identity stands. */
  readonly identityPlace: string;
  /** The id of the ledger to which it belongs; undefined where it does not say. @throws CustodyIdentityError */
  readIdentity(): Promise<string | undefined>;
  /** Binds it to a ledger, durably. @throws CustodyIdentityError another one was quicker */
  writeIdentity(ledgerId: string): Promise<void>;
  objects(): AsyncIterable<{ readonly key: string }>;
  has(key: string): Promise<boolean>;
  /** Whether the ring opens an object. */
  opens(ring: KeyRing, key: string): Promise<boolean>;
  /** The plain bytes of an object, checked frame by frame. @throws CustodyDamagedError, CustodyUnavailableError */
  read(ring: KeyRing, key: string): AsyncIterable<Buffer>;
}

/** Up to `count` of the keys in it. */
export async function someObjects(
  site: Pick<CustodySite, 'objects'>,
  count: number,
): Promise<readonly string[]> {
  const keys: string[] = [];
  for await (const { key } of site.objects()) {
    keys.push(key);
    if (keys.length === count) break;
  }
  return keys;
}
