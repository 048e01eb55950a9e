/** A store as a place of sealed bytes: nothing is opened, so no key is needed. */
export interface SealedStore {
  /** The object, read anew; undefined where it is not there. */
  read(key: string): Promise<AsyncIterable<Buffer> | undefined>;
  /** Stores it whole and durably, in the place of one that is there. */
  write(key: string, sealed: AsyncIterable<Buffer>): Promise<void>;
}
