const UNITS = ['B', 'KB', 'MB', 'GB', 'TB', 'PB'] as const;

/**
 * Bytes for people, in steps of 1,024. Pure.
 *
 * @example
 * humanBytes(1536); // '1.5 KB'
 */
export function humanBytes(bytes: number): string {
  const step = bytes < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1024 ** step;
  return `${step === 0 || value >= 100 ? String(Math.round(value)) : value.toFixed(1)} ${UNITS[step] ?? 'B'}`;
}

/** A span for people, rounded down to seconds. Pure. `humanSpan(75_000)` is `1m15s`. */
export function humanSpan(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const rest = `${String(seconds % 60)}s`;
  if (hours > 0) return `${String(hours)}h${String(minutes)}m${rest}`;
  return minutes > 0 ? `${String(minutes)}m${rest}` : rest;
}

/** `2026-01-31 08:00:00Z`, or a dash for what is not known. Pure. */
export function humanInstant(ms: number | undefined): string {
  if (ms === undefined || Number.isNaN(new Date(ms).getTime())) return '-';
  return new Date(ms)
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, 'Z');
}
