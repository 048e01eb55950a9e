/**
 * `Symbol.for`, because a CommonJS and an ES module copy of this package may be loaded in one process, and
 * `instanceof` would not know the errors of the other copy.
 */
export const errorBrand: unique symbol = Symbol.for('@mft-bridge/error');

interface Branded {
  readonly [errorBrand]?: readonly string[];
}

/**
 * Gives an error class of your own its name (also in stacks, which is why it is no field) and the brand by which a
 * guard knows it, whichever copy of your package made it. It keeps the brands of the class that it extends.
 *
 * @example
 * export class QuotaError extends MftBridgeError {
 *   static {
 *     brandError(this, 'QuotaError');
 *   }
 * }
 * export const isQuotaError = (error: unknown): error is QuotaError => hasBrand(error, 'QuotaError');
 */
export function brandError(type: { readonly prototype: object }, name: string): void {
  const above = (type.prototype as Branded)[errorBrand] ?? [];
  Object.defineProperty(type.prototype, 'name', { value: name, configurable: true, writable: true });
  Object.defineProperty(type.prototype, errorBrand, { value: [...above, name] });
}

/** Whether a value is an error of the class that `brandError` gave this name, or of one below it. */
export function hasBrand(value: unknown, name: string): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const names: unknown = (value as Branded)[errorBrand];
  return Array.isArray(names) && names.includes(name);
}
