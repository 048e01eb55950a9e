import { InvalidArgumentError } from 'commander';

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * Reads `500ms`, `30s`, `15m`, `2h`, `90d` as milliseconds.
 *
 * @throws InvalidArgumentError
 */
export function parseDuration(text: string): number {
  const match = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h|d)$/.exec(text.trim());
  const ms = match === null ? 0 : Number(match[1]) * (UNITS[match[2] ?? ''] ?? 0);
  if (ms > 0) return ms;
  throw new InvalidArgumentError('Expected a span of time such as 500ms, 30s, 15m, 2h or 90d.');
}
