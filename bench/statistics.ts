/** The value below which `share` (0 to 1) of the list lies; NaN for none. */
export function quantile(list: readonly number[], share: number): number {
  const sorted = [...list].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}

export function median(list: readonly number[]): number {
  return quantile(list, 0.5);
}
