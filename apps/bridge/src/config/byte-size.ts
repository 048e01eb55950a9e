const factors: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 1024,
  mib: 1024 ** 2,
  gib: 1024 ** 3,
  tib: 1024 ** 4,
};

/**
 * Reads `4MB` (decimal), `4MiB` (binary) or a whole number of bytes. Pure.
 *
 * @returns bytes, or undefined where it is no size
 */
export function parseByteSize(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 0 ? value : undefined;
  if (typeof value !== 'string') return undefined;
  const match = /^(\d{1,12}(?:\.\d{1,6})?)\s*([kmgt]?i?b)$/i.exec(value.trim());
  const factor = factors[match?.[2]?.toLowerCase() ?? ''];
  if (match === null || factor === undefined) return undefined;
  const bytes = Math.round(Number(match[1]) * factor);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** Writes bytes in decimal units with at most one digit behind the point: `formatByteSize(4_000_000)` is `4 MB`. Pure. */
export function formatByteSize(bytes: number): string {
  const units = ['TB', 'GB', 'MB', 'KB'];
  const unit = units.find((candidate) => bytes >= (factors[candidate.toLowerCase()] ?? Infinity));
  if (unit === undefined) return `${String(bytes)} B`;
  return `${String(Math.round((bytes / (factors[unit.toLowerCase()] ?? 1)) * 10) / 10)} ${unit}`;
}
