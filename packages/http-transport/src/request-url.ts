import { InvalidRequestError } from './errors/invalid-request-error';
import type { Operation, RequestParts } from './operation';

type Place = Pick<Operation<never, unknown>, 'name' | 'path'>;

function refused(operation: Place, name: string, code: string, what: string): InvalidRequestError {
  return new InvalidRequestError({
    operation: operation.name,
    message: `${operation.name}: the parameter "${name}" ${what}. Nothing was sent.`,
    hint: `Pass another value for "${name}".`,
    issues: [{ path: name, code }],
  });
}

function encode(operation: Place, name: string, text: string): string {
  try {
    return encodeURIComponent(text);
  } catch {
    throw refused(
      operation,
      name,
      'invalid_unicode',
      'holds half of a surrogate pair, which no URL can carry',
    );
  }
}

function encodeSegment(operation: Place, name: string, value: string | number | undefined): string {
  const text = value === undefined ? '' : String(value);
  if (text === '') throw refused(operation, name, 'empty', 'is empty, which would address another resource');
  // A URL parser removes the segments "." and ".." again, and the call would go to another resource.
  if (text === '.' || text === '..') {
    throw refused(operation, name, 'dot_segment', 'is a dot segment, which would address another resource');
  }
  return encode(operation, name, text);
}

/** Fills the path template, each parameter as exactly one segment, and appends the query. */
export function requestUrl(base: string, operation: Place, parts: RequestParts): string {
  // Put behind the host without a slash, it would make another host of it, which would be handed the token.
  if (!operation.path.startsWith('/')) {
    throw new InvalidRequestError({
      operation: operation.name,
      message: `${operation.name}: the path of this operation does not begin with a slash. Nothing was sent.`,
      hint: 'Correct the declaration of the operation.',
    });
  }
  const path = operation.path.replace(/\{([^}]+)\}/g, (_, name: string) =>
    encodeSegment(operation, name, parts.params?.[name]),
  );
  const query: string[] = [];
  for (const [name, value] of Object.entries(parts.query ?? {})) {
    if (value === undefined) continue;
    for (const one of Array.isArray(value) ? (value as readonly unknown[]) : [value]) {
      query.push(`${encodeURIComponent(name)}=${encode(operation, name, String(one))}`);
    }
  }
  return `${base}${path}${query.length === 0 ? '' : `?${query.join('&')}`}`;
}
