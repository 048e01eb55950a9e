const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
type Unit = keyof typeof unitMs;

/**
 * Reads `500ms`, `30s`, `1.5h`, `7d`. A number without a unit is no duration: it is the classic mistake by a thousand.
 * Pure.
 *
 * @returns milliseconds, or undefined where it is none
 */
export function parseDuration(value: unknown): number | undefined {
  if (typeof value !== 'string') return undefined;
  const match = /^(\d{1,9}(?:\.\d{1,6})?)\s*(ms|s|m|h|d)$/.exec(value.trim());
  if (match === null) return undefined;
  return Math.round(Number(match[1]) * unitMs[match[2] as Unit]);
}

/** Writes milliseconds in the largest unit that needs no fraction: `formatDuration(300_000)` is `5m`. Pure. */
export function formatDuration(ms: number): string {
  const units: readonly Unit[] = ['d', 'h', 'm', 's'];
  const unit = units.find((candidate) => ms >= unitMs[candidate] && ms % unitMs[candidate] === 0) ?? 'ms';
  return `${String(ms / unitMs[unit])}${unit}`;
}
