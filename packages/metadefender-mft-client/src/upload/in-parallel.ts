/**
 * Works on a list, some items at a time, in order of the list. The first failure stops the rest and is thrown after all have come to rest.
 *
 * @returns the results in the order of the list
 */
export async function inParallel<Item, Result>(
  items: readonly Item[],
  limit: number,
  outer: AbortSignal,
  work: (item: Item, index: number, signal: AbortSignal) => Promise<Result>,
): Promise<readonly Result[]> {
  const stop = new AbortController();
  const signal = AbortSignal.any([outer, stop.signal]);
  const results: Result[] = [];
  let failure: { readonly error: unknown } | undefined;
  const queue = items.entries();
  const lane = async (): Promise<void> => {
    for (const [index, item] of queue) {
      if (failure !== undefined) return;
      try {
        signal.throwIfAborted();
        results[index] = await work(item, index, signal);
      } catch (error) {
        failure ??= { error };
        stop.abort(error);
        return;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, lane));
  if (failure !== undefined) throw failure.error;
  return results;
}
