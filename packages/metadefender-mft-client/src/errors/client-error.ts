/** The brand that the guards of `@mft-bridge/http-transport` read; `Symbol.for`, since two copies of a package may be loaded. */
const brand: unique symbol = Symbol.for('@mft-bridge/error') as never;

interface Branded {
  readonly [brand]?: readonly string[];
}

/** Gives an error class its name and brand. On the prototype, so that stacks show the name and no field is added. */
export function brandClientError(type: { readonly prototype: object }, name: string): void {
  const above = (type.prototype as Branded)[brand] ?? [];
  Object.defineProperty(type.prototype, 'name', { value: name, configurable: true, writable: true });
  Object.defineProperty(type.prototype, brand, { value: [...above, name] });
}

export function hasClientBrand(value: unknown, name: string): boolean {
  return typeof value === 'object' && value !== null && ((value as Branded)[brand]?.includes(name) ?? false);
}
