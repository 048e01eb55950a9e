/**
 * Runs one call for each item, `width` at a time, begun in the order of the items. After one that fails no other begins;
 * when it rejects, all have ended: what runs on would meet itself in the next round.
 */
export async function inParallel<T>(
  items: readonly T[],
  width: number,
  run: (item: T) => Promise<void>,
): Promise<void> {
  const queue = items[Symbol.iterator]();
  const failed: unknown[] = [];
  const lane = async (): Promise<void> => {
    for (const item of queue) {
      if (failed.length > 0) return;
      await run(item).catch((error: unknown) => failed.push(error));
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, lane));
  if (failed.length > 0) throw failed[0];
}
