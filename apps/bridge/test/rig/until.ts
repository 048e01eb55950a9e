import { setTimeout as sleep } from 'node:timers/promises';

/** Looks until `probe` answers something else than undefined. @throws after `withinMs`, with `what` and the facts at that moment */
export async function until<T>(
  what: string,
  probe: () => Promise<T | undefined> | T | undefined,
  {
    withinMs = 45_000,
    everyMs = 25,
    facts,
  }: { withinMs?: number; everyMs?: number; facts?: () => unknown } = {},
): Promise<T> {
  const end = Date.now() + withinMs;
  for (;;) {
    const answer = await probe();
    if (answer !== undefined) return answer;
    if (Date.now() > end) {
      throw new Error(
        `not within ${String(withinMs)} ms: ${what}\n${JSON.stringify(await facts?.(), null, 1)}`,
      );
    }
    await sleep(everyMs);
  }
}
