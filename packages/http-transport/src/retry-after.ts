/**
 * Reads a Retry-After header: seconds (`120`) or a date. Milliseconds from now, or undefined when it says neither.
 * The result is unbounded on purpose: whoever waits compares it with a cap first, because setTimeout turns anything
 * above 2^31 - 1 ms into 1 ms.
 */
export function parseRetryAfter(value: string | undefined, now: number): number | undefined {
  const text = value?.trim();
  if (text === undefined || text === '') return undefined;
  if (/^\d+(\.\d+)?$/.test(text)) return Math.min(Number(text) * 1000, Number.MAX_SAFE_INTEGER);
  // Date.parse takes almost anything ("-5" is a date in 2001), therefore only what begins like an HTTP date or ISO.
  if (!/^([A-Za-z]{3,9},? |\d{4}-)/.test(text)) return undefined;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}
