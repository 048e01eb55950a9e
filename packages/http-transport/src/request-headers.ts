import { InvalidRequestError } from './errors/invalid-request-error';
import { printable } from './redaction';

/**
 * Headers that say where a request ends, where it goes and how the connection is used. They are made here; from outside
 * they could smuggle a second request behind the first, lead to another host, or let the call wait for ever (Expect).
 */
const framing = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

function refused(operation: string, name: string, what: string, hint: string): InvalidRequestError {
  const shown = printable(name, 60);
  return new InvalidRequestError({
    operation,
    message: `${operation}: the header "${shown}" ${what}. Nothing was sent.`,
    hint,
    issues: [{ path: shown, code: 'invalid_header' }],
  });
}

/**
 * Checks and joins headers; later sources win, names come out in lower case.
 *
 * @throws InvalidRequestError without the value, which may be a secret
 */
export function requestHeaders(
  operation: string,
  ...sources: (Readonly<Record<string, string | number | undefined>> | undefined)[]
): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const source of sources) {
    for (const [given, value] of Object.entries(source ?? {})) {
      if (value === undefined) continue;
      const text = String(value);
      if (!/^[\w!#$%&'*+.^`|~-]+$/.test(given) || /[^\t\u0020-\u007e\u0080-\u00ff]/.test(text)) {
        throw refused(
          operation,
          given,
          'holds a character that HTTP cannot carry (a line break, a control character, or one outside Latin-1)',
          'Encode the value, for example by percent-encoding.',
        );
      }
      const name = given.toLowerCase();
      if (framing.has(name)) {
        throw refused(
          operation,
          name,
          'belongs to the connection and is set by this client alone',
          'Leave it out.',
        );
      }
      headers[name] = text;
    }
  }
  return headers;
}
