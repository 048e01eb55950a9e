const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const DAY_MS = 24 * HOUR_MS;
// .NET's TimeSpan cannot hold more.
const MAX_DAYS = 10_675_199;

/**
 * Writes a time as the API does: ISO 8601 with seven digits of a second.
 *
 * @param at - Epoch ms.
 * @param zone - `Z`, or nothing: `first_upload_time` and a file's `expires` come without a zone.
 * @example
 * apiDate(0, 'Z'); // '1970-01-01T00:00:00.0000000Z'
 */
export function apiDate(at: number, zone: 'Z' | ''): string {
  return new Date(at).toISOString().replace(/Z$/, `0000${zone}`);
}

/** Reads an ISO date, as UTC where it names no zone; undefined if it is none. */
export function parseApiDate(text: string): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2}/.test(text)) return undefined;
  const zoned = /(?:Z|[+-]\d{2}:?\d{2})$/.test(text) || !text.includes('T') ? text : `${text}Z`;
  const at = Date.parse(zoned.replace(/(\.\d{3})\d+/, '$1'));
  return Number.isNaN(at) ? undefined : at;
}

/** Reads `DD:HH:MM:SS` (a file's or an account's life) into ms; undefined if it is malformed. */
export function parseDays(text: string): number | undefined {
  const match = /^(\d{1,8}):(\d{1,2}):(\d{1,2}):(\d{1,2})$/.exec(text);
  if (match === null) return undefined;
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = match.slice(1).map(Number);
  if (days > MAX_DAYS || hours > 23 || minutes > 59 || seconds > 59) return undefined;
  return days * DAY_MS + hours * HOUR_MS + minutes * MINUTE_MS + seconds * 1000;
}

/** Reads `hh:mm:ss` (a key's extension, at most 23:59:59) into ms; undefined if it is malformed. */
export function parseHours(text: string): number | undefined {
  return /^\d{1,2}:\d{1,2}:\d{1,2}$/.test(text) ? parseDays(`0:${text}`) : undefined;
}
