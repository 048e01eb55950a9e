const MAX_DAYS = 10_675_199;
const two = (value: number): string => String(value).padStart(2, '0');

/**
 * A span of time as this server takes it for files and accounts: `DD:HH:MM:SS`. Rounded up to a full second, so that nothing
 * expires before it was asked to.
 *
 * @param ms milliseconds, above 0 and at most 10,675,199 days (the server's own limit)
 * @throws RangeError outside of these limits
 */
export function fileDuration(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  const days = Math.floor(seconds / 86_400);
  if (!(seconds > 0) || days > MAX_DAYS) {
    throw new RangeError(
      `An expiry must be above 0 ms and at most ${String(MAX_DAYS)} days; got ${String(ms)} ms.`,
    );
  }
  return [days, Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60, seconds % 60]
    .map(two)
    .join(':');
}

/**
 * A span of time as this server takes it for keys: `hh:mm:ss`, at most 23:59:59.
 *
 * @param ms milliseconds, above 0
 * @throws RangeError outside of these limits
 */
export function keyDuration(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  if (!(seconds > 0) || seconds >= 86_400) {
    throw new RangeError(`A key can be extended by above 0 ms and at most 23:59:59; got ${String(ms)} ms.`);
  }
  return [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60].map(two).join(':');
}
