const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
/** The only zone names that mean one offset everywhere: `IST` is India, Israel and Ireland. */
const ZERO_ZONES = new Set(['utc', 'gmt', 'z', 'ut']);
const JAVA =
  /^[a-z]{3} ([a-z]{3}) +(\d{1,2}) (\d{2}):(\d{2}):(\d{2}) (?:(?:gmt|utc)?([+-]\d{2}):?(\d{2})|([a-z]+)) (\d{4})$/i;
/** As milliseconds, 1e11 is 1973; as seconds, the year 5138. No certificate is as old as the one or as new as the other. */
const LEAST_MS = 1e11;

/**
 * Reads a date of a certificate: milliseconds (or seconds) since 1970, ISO 8601 with its zone, or the text that Java's
 * `Date.toString` makes, such as `Tue May 26 00:00:00 UTC 2015`. Undefined for anything else, and for a named zone
 * whose offset is not certain: a wrong expiry is worse than none.
 */
export function parseServiceDate(value: unknown): Date | undefined {
  if (typeof value === 'number') return dateOf(Math.abs(value) < LEAST_MS ? value * 1000 : value);
  if (typeof value !== 'string') return undefined;
  const text = value.trim().replace(/\s+/g, ' ');
  if (/^-?\d+$/.test(text)) return parseServiceDate(Number(text));
  if (/^\d{4}-\d{2}-\d{2}T.*(?:Z|[+-]\d{2}:?\d{2})$/i.test(text)) return dateOf(Date.parse(text));
  return javaDate(text);
}

function javaDate(text: string): Date | undefined {
  const [, monthName = '', day, hours, minutes, seconds, zoneHours, zoneMinutes, zone, year] =
    JAVA.exec(text) ?? [];
  const month = MONTHS.indexOf(monthName.toLowerCase());
  if (month < 0 || (zone !== undefined && !ZERO_ZONES.has(zone.toLowerCase()))) return undefined;
  const local = Date.UTC(Number(year), month, Number(day), Number(hours), Number(minutes), Number(seconds));
  // `Date.UTC` carries what is too large over: the 31st of April would be the first of May.
  if (new Date(local).getUTCDate() !== Number(day)) return undefined;
  const sign = zoneHours?.startsWith('-') ? -1 : 1;
  const offset = Math.abs(Number(zoneHours ?? 0)) * 60 + Number(zoneMinutes ?? 0);
  return dateOf(local - sign * offset * 60_000);
}

function dateOf(ms: number): Date | undefined {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? undefined : date;
}
