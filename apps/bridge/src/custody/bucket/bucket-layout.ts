/** Names in a bucket: `<prefix>objects/<key>`, `<prefix>ledger.json`, and `<prefix>probe/<random>` for a moment at a start. */
export interface BucketLayout {
  readonly objects: string;
  readonly identity: string;
  readonly probes: string;
  /** @throws TypeError a key that this store did not make: no name from outside ever becomes one in the bucket */
  objectName(key: string): string;
  /** The key of an object, or undefined for a name that is none. */
  keyOf(name: string): string | undefined;
}

const keyPattern = /^[0-9a-f]{32}$/;

/** @example bucketLayout('mft-bridge/').objectName(key); // 'mft-bridge/objects/0123…' */
export function bucketLayout(prefix: string): BucketLayout {
  const objects = `${prefix}objects/`;
  return {
    objects,
    identity: `${prefix}ledger.json`,
    probes: `${prefix}probe/`,
    objectName(key) {
      if (!keyPattern.test(key)) throw new TypeError('not a key of this custody store');
      return objects + key;
    },
    keyOf(name) {
      const key = name.startsWith(objects) ? name.slice(objects.length) : '';
      return keyPattern.test(key) ? key : undefined;
    },
  };
}
