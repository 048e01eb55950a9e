import { InvalidRequestError } from './errors/invalid-request-error';
import type { RequestParts } from './operation';

/**
 * Lower-case names, `undefined` left out. A value that HTTP cannot carry is refused: axios would silently drop the
 * characters, and a file would arrive under another name than the caller gave it.
 */
export function requestHeaders(
  operation: string,
  ...sources: (RequestParts['headers'] | undefined)[]
): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const source of sources) {
    for (const [name, value] of Object.entries(source ?? {})) {
      if (value === undefined) continue;
      const text = String(value);

      if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name) || /[^\t\u0020-\u007e\u0080-\u00ff]/.test(text)) {
        throw new InvalidRequestError({
          operation,
          message: `${operation}: the header "${name}" holds a character that HTTP cannot carry (a line break, a control character, or one outside Latin-1). Nothing was sent.`,
          hint: 'Encode the value, for example by percent-encoding.',
          issues: [{ path: name, code: 'invalid_header' }],
        });
      }
      headers[name.toLowerCase()] = text;
    }
  }
  return headers;
}
