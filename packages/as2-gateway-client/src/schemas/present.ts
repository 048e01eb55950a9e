/** A record whose absent and null fields are left out. */
export type Present<T> = { [K in keyof T]?: NonNullable<T[K]> };

/** Leaves them out, so that `exactOptionalPropertyTypes` and JSON both say "not there". */
export function present<T extends object>(record: T): Present<T> {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value != null)) as Present<T>;
}
