/**
 * Reads a date as this server writes it: ISO 8601 with up to seven fractional digits, with a zone, without one, or with both an
 * offset and a `Z`; expiry dates of old releases as `MM-dd-yyyy`. Without a zone UTC is assumed, which is what the documented
 * samples agree with.
 *
 * @returns milliseconds since the epoch, or undefined for anything unreadable
 */
export function serverDate(text: string | null | undefined): number | undefined {
  if (text === undefined || text === null) return undefined;
  const trimmed = text.trim();
  const american = /^(\d{2})-(\d{2})-(\d{4})$/.exec(trimmed);
  if (american !== null) return parsed(`${american[3]}-${american[1]}-${american[2]}T00:00:00Z`);
  const match = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2})?)(\.\d+)?)?([+-]\d{2}:?\d{2})?(Z)?$/i.exec(
    trimmed,
  );
  if (match === null) return undefined;
  const [, day, time = '00:00:00', fraction = '', offset] = match;
  return parsed(`${day}T${time}${fraction.slice(0, 4)}${offset ?? 'Z'}`);
}

function parsed(iso: string): number | undefined {
  const at = Date.parse(iso);
  return Number.isNaN(at) ? undefined : at;
}
