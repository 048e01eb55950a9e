import type { Request } from 'express';
import type { NameKey, Names } from './names';

/** A request that cannot be taken as it is. Answered with its status and `{ message }`. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** A query parameter, the first where it was given several times. */
export function queryText(request: Request, name: string): string | undefined {
  const value: unknown = request.query[name];
  const first: unknown = Array.isArray(value) ? value[0] : value;
  return typeof first === 'string' && first !== '' ? first : undefined;
}

/** A query parameter in a spelling that this gateway reads. */
export function namedQuery(request: Request, names: Names, key: NameKey): string | undefined {
  for (const name of names.accepted(key)) {
    const value = queryText(request, name);
    if (value !== undefined) return value;
  }
  return undefined;
}

/** @throws RefusedError 400 where the value is no whole number in the range. */
export function queryNumber(
  request: Request,
  name: string,
  range: { readonly least: number; readonly most: number; readonly otherwise: number },
): number {
  const text = queryText(request, name);
  if (text === undefined) return range.otherwise;
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= range.least && value <= range.most))
    throw new RefusedError(400, `Invalid value for query parameter: ${name}`);
  return value;
}

/** One path parameter. */
export function pathParam(request: Request, name: string): string {
  const value: unknown = request.params[name];
  return Array.isArray(value) ? value.join('/') : String(value);
}
