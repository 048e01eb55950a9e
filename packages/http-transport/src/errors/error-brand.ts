/**
 * `Symbol.for`, because a CommonJS and an ES module copy of this package may be loaded in one process, and
 * `instanceof` would not know the errors of the other copy.
 */
export const errorBrand: unique symbol = Symbol.for('@mft-bridge/error');

interface Branded {
  readonly [errorBrand]?: readonly string[];
}

/** Gives a class its name (also in stacks, which is why it is no field) and adds it to the names that the guards read. */
export function brandError(type: { readonly prototype: object }, name: string): void {
  const above = (type.prototype as Branded)[errorBrand] ?? [];
  Object.defineProperty(type.prototype, 'name', { value: name, configurable: true, writable: true });
  Object.defineProperty(type.prototype, errorBrand, { value: [...above, name] });
}

export function hasBrand(value: unknown, name: string): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return (value as Branded)[errorBrand]?.includes(name) ?? false;
}
