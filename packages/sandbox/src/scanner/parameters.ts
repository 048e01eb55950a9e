import type { Request } from 'express';
import { invalidParameter, type PageAge } from './refusal';

/**
 * A parameter that travels as a request header; undefined if it is absent or empty.
 *
 * How the server reads characters beyond ASCII is not documented. Node hands header bytes over as Latin-1; they are
 * read as UTF-8 where they are valid UTF-8, and percent signs are left as they came.
 */
export function parameter(request: Request, name: string): string | undefined {
  const raw = request.headers[name];
  const value = Array.isArray(raw) ? raw.join(',') : raw;
  if (value === undefined || value === '') return undefined;
  if (!/[\u0080-\u00ff]/.test(value)) return value;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(value, 'latin1'));
  } catch {
    return value;
  }
}

/** A header without which the operation cannot be done. */
export function requiredParameter(request: Request, name: string, page: PageAge): string {
  const value = parameter(request, name);
  if (value === undefined) throw invalidParameter(page, name);
  return value;
}

/** A whole number of bytes or items, from a header or from the address. */
export function wholeNumber(text: string, name: string, page: PageAge): number {
  const value = /^\d{1,15}$/.test(text) ? Number(text) : NaN;
  if (!Number.isSafeInteger(value)) throw invalidParameter(page, name);
  return value;
}

/** A path parameter. Routes are written with it, so it is there. */
export function segment(request: Request, name: string): string {
  const value = request.params[name];
  return typeof value === 'string' ? value : '';
}

/** `find`, or `findB64` for what is beyond ASCII; the latter wins. Empty finds everything. */
export function searchText(request: Request): string {
  const encoded = parameter(request, 'findb64');
  if (encoded === undefined) return parameter(request, 'find') ?? '';
  return Buffer.from(encoded, 'base64').toString('utf8');
}
