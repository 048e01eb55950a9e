import type { RequestParts } from './operation';

/** Headers of an answer that may be shown. Everything else stays behind `Reply.header()`. */
const shownHeaders = new Set([
  'age',
  'allow',
  'cache-control',
  'content-encoding',
  'content-length',
  'content-range',
  'content-type',
  'date',
  'deprecation',
  'expires',
  'last-modified',
  'ratelimit-limit',
  'ratelimit-remaining',
  'ratelimit-reset',
  'retry-after',
  'server',
  'sunset',
  'x-ratelimit-limit',
  'x-ratelimit-remaining',
  'x-ratelimit-reset',
]);

const requestIdHeaders = [
  'x-request-id',
  'request-id',
  'x-amzn-requestid',
  'x-amz-request-id',
  'apigw-requestid',
  'x-correlation-id',
];

export type HeaderMap = Readonly<Record<string, string | undefined>>;

export function shownOf(headers: HeaderMap): Record<string, string> {
  const shown: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && shownHeaders.has(name)) shown[name] = printable(value, 200);
  }
  return shown;
}

/** An id that looks like one; free text in that place is not shown. */
export function requestIdOf(headers: HeaderMap): string | undefined {
  for (const name of requestIdHeaders) {
    const value = headers[name];
    if (value !== undefined && /^[\w.:=+/-]{1,128}$/.test(value)) return value;
  }
  return undefined;
}

/** One line without control characters, at most `length` characters: nothing that could forge or flood a log. */
export function printable(text: string, length: number): string {
  const line = text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ').trim();
  return line.length <= length ? line : `${line.slice(0, length)}…`;
}

const secretName = /auth|token|secret|passw|pwd|key|cookie|credential|session|signature|\bpin\b|_pin$|^pin/i;

/**
 * What this request carried that its server might echo into an error text: the session's header, and every path
 * parameter, header, query value and field of a JSON body whose name says that it is secret. A second net, under the allow-lists.
 */
export function secretsOf(parts: RequestParts, sessionValue: string | undefined): string[] {
  const found = new Set<string>();
  const add = (value: unknown): void => {
    if (typeof value !== 'string' && typeof value !== 'number') return;
    for (const piece of [String(value), ...String(value).split(/\s+/)])
      if (piece.length >= 4) found.add(piece);
  };
  const walk = (value: unknown, secret: boolean, depth: number): void => {
    if (depth > 6) return;
    if (typeof value !== 'object' || value === null) {
      if (secret) add(value);
      return;
    }
    for (const [name, inner] of Object.entries(value))
      walk(inner, secret || secretName.test(name), depth + 1);
  };
  add(sessionValue);
  walk(parts.params, false, 0);
  walk(parts.headers, false, 0);
  walk(parts.query, false, 0);
  if (parts.body !== undefined && 'json' in parts.body) walk(parts.body.json, false, 0);
  return [...found].sort((a, b) => b.length - a.length);
}

/** Text of a server, made fit to be shown: no secret of this request, no query of a URL, no JWT, one short line. */
export function scrub(text: string, secrets: readonly string[], length = 300): string {
  let clean = text.slice(0, 4096);
  for (const secret of secrets) clean = clean.replaceAll(secret, '[redacted]');
  clean = clean
    .replace(/\b([a-z][a-z0-9+.-]*:\/\/[^\s?#"'<>]*)[?#][^\s"'<>]*/gi, '$1?[redacted]')
    .replace(/([?&][\w.~%-]{1,60}=)[^\s&"'<>]+/g, '$1[redacted]')
    .replace(/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/@"'<>]*@/gi, '$1[redacted]@')
    .replace(/\beyJ[\w-]{8,}\.[\w-]*\.?[\w-]*/g, '[redacted]')
    .replace(/\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi, '$1 [redacted]');
  return printable(clean, length);
}
