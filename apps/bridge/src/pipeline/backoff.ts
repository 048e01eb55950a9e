/**
 * How long something that exists for `elapsedMs` waits before it is looked at again: a quarter of that time within
 * the bounds, so that waits grow geometrically without a counter, with jitter down to half so that many do not
 * come at the same instant. Pure.
 */
export function waitByAge(
  elapsedMs: number,
  bounds: { firstMs: number; maxMs: number },
  random: number,
): number {
  const full = Math.min(bounds.maxMs, Math.max(bounds.firstMs, elapsedMs / 4));
  return Math.round(full * (0.5 + random / 2));
}

/** Backoff by counted tries with full jitter, at least a tenth of the step so that it is never at once. Pure. */
export function waitByTries(
  attempts: number,
  bounds: { baseMs: number; maxMs: number },
  random: number,
): number {
  const full = Math.min(bounds.maxMs, bounds.baseMs * 2 ** Math.min(attempts, 30));
  return Math.round(Math.max(full / 10, full * random));
}
