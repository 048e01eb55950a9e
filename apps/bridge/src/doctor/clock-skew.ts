import type { ResponseEvent } from '@mft-bridge/http-transport';
import type { Notes } from './finding';

/** From here on a time of the service may be taken for one before our own intent: see the search for lost submissions. */
const muchMs = 60_000;

/** Compares the clock of a service, by the `Date` of its answers, with ours. */
export function watchClock(
  client: { on(event: 'response', listener: (event: ResponseEvent) => void): () => void },
  now: () => number,
): { report(notes: Notes, service: string): void } {
  const differences: number[] = [];
  client.on('response', ({ serverTime }) => {
    if (serverTime !== undefined) differences.push(serverTime - now());
  });
  return {
    report(notes, service) {
      if (differences.length === 0) return;
      // The answer that was fastest to come tells it best.
      const least = differences.reduce((best, one) => (Math.abs(one) < Math.abs(best) ? one : best));
      const seconds = Math.round(Math.abs(least) / 1000);
      if (Math.abs(least) < muchMs) {
        notes.ok(`clocks agree within ${String(Math.max(1, seconds))} s`);
        return;
      }
      notes.fail(
        `the ${service}'s clock is ${String(seconds)} s ${least > 0 ? 'ahead of' : 'behind'} this machine's`,
        'Set both by NTP: lost submissions are searched for by time, tokens and addresses end by time.',
      );
    },
  };
}
