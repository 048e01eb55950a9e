// Strings and numbers as whole tokens, so that digits inside a string or a fraction are never taken for an integer.
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
const LONG_INTEGER = /^-?\d{16,}$/;

/**
 * `JSON.parse` that keeps integers beyond 2^53 as strings. Some services number their records in 64 bits: parsed as
 * numbers such ids come out as other ids, and nothing says so (159592985268293701 becomes …700).
 *
 * @throws SyntaxError for what is no JSON.
 */
export function parseLossless(text: string): unknown {
  if (!/\d{16}/.test(text)) return JSON.parse(text) as unknown;
  const quoted = text.replace(TOKEN, (token) =>
    LONG_INTEGER.test(token) && !Number.isSafeInteger(Number(token)) ? `"${token}"` : token,
  );
  return JSON.parse(quoted) as unknown;
}
