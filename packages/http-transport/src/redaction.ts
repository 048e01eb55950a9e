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

/** All shown headers together: a server that fills every one of them must not flood a log line. */
const shownBudget = 1000;

/** The allow-listed headers; `secrets` are taken out of them too, since a server may write anything into any header. */
export function shownOf(headers: HeaderMap, secrets: readonly string[] = []): Record<string, string> {
  const shown: Record<string, string> = {};
  let left = shownBudget;
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || !shownHeaders.has(name)) continue;
    const text = secrets.length === 0 ? printable(value, 200) : scrub(value, secrets, 200);
    left -= name.length + text.length;
    if (left < 0) break;
    shown[name] = text;
  }
  return shown;
}

/** An id that looks like one; free text in that place is not shown, nor is a secret of the request. */
export function requestIdOf(headers: HeaderMap, secrets: readonly string[] = []): string | undefined {
  for (const name of requestIdHeaders) {
    const value = headers[name];
    if (value === undefined || !/^[\w.:=+/-]{1,128}$/.test(value)) continue;
    if (!secrets.some((secret) => value.includes(secret))) return value;
  }
  return undefined;
}

/** One line without control characters, at most `length` characters: nothing that could forge or flood a log. */
export function printable(text: string, length: number): string {
  const line = text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ').trim();
  return line.length <= length ? line : `${line.slice(0, length)}…`;
}

const secretName = /auth|token|secret|passw|pwd|key|cookie|credential|session|signature|\bpin\b|_pin$|^pin/i;

/** The value as a server may write it back: as it is, in a URL, in JSON, and of Basic credentials both halves. */
function spellings(value: string): string[] {
  const basic = /^basic\s+([\w+/=-]+)$/i.exec(value)?.[1];
  const decoded =
    basic === undefined
      ? []
      : Buffer.from(basic, 'base64')
          .toString('utf8')
          .split(/[:\r\n]+/);
  const plain = [value, ...value.split(/\s+/), ...decoded].filter(({ length }) => length >= 4);
  return plain.flatMap((one) => [one, inUrl(one, encodeURIComponent), JSON.stringify(one).slice(1, -1)]);
}

/** Half of a surrogate pair, or a `%` that begins nothing, has no other spelling. */
function inUrl(text: string, convert: (text: string) => string): string {
  try {
    return convert(text);
  } catch {
    return text;
  }
}

/**
 * What this request carried that its server might echo into an error text: the session's header, and every path
 * parameter, header, query value and field of a JSON body whose name says that it is secret. A second net, under the allow-lists.
 */
export function secretsOf(parts: RequestParts, sessionValue: string | undefined): string[] {
  const found = new Set<string>();
  const add = (value: unknown): void => {
    if (typeof value !== 'string' && typeof value !== 'number') return;
    for (const piece of spellings(String(value))) found.add(piece);
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

/** Of a link: what stands in its query is secret, in either spelling; so is its path, which names what is behind it. */
export function secretsOfUrl(url: URL): string[] {
  const path = [url.pathname, url.pathname.slice(1)];
  const plain = [
    ...path.filter(({ length }) => length >= 4),
    ...path.map((one) => inUrl(one, decodeURIComponent)),
  ];
  const found = new Set([...plain, ...[...url.searchParams.values()].flatMap(spellings)]);
  return [...found].filter(({ length }) => length >= 4).sort((a, b) => b.length - a.length);
}

/** Of an error's body 64 KiB are read; written as JSON again, a client's reader may make six times as much of it. */
const longestText = 512 * 1024;

/** Of more secrets than this (a request with a list of them) each text would cost a second; then it is not shown at all. */
const mostSecrets = 2000;

/** Text of a server, made fit to be shown: no secret of this request, no query of a URL, no JWT, one short line. */
export function scrub(text: string, secrets: readonly string[], length = 300): string {
  if (secrets.length > mostSecrets) return '[redacted]';
  let clean = text.slice(0, longestText);
  // Before the text is cut: else the beginning of a long secret would be left at the cut.
  for (const secret of secrets) clean = clean.replaceAll(secret, '[redacted]');
  clean = clean
    .slice(0, 4096)
    .replace(/\b([a-z][a-z0-9+.-]*:\/\/[^\s?#"'<>]*)[?#][^\s"'<>]*/gi, '$1?[redacted]')
    .replace(/([?&][\w.~%-]{1,60}=)[^\s&"'<>]+/g, '$1[redacted]')
    .replace(/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/@"'<>]*@/gi, '$1[redacted]@')
    .replace(/\beyJ[\w-]{8,}\.[\w-]*\.?[\w-]*/g, '[redacted]')
    .replace(/\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi, '$1 [redacted]');
  return printable(clean, length);
}
