import type { TransportEvents } from '@mft-bridge/http-transport';

/** What all calls of a probe run had in common. */
export interface Traffic {
  readonly answers: number;
  /** Answers with 429 or 503. */
  readonly throttled: number;
  /** Notices in headers of answers, not those of our own table. */
  readonly deprecations: readonly string[];
  watch(source: EventSource): void;
}

/** Anything with the events of a transport: both clients have them as well. */
interface EventSource {
  on<E extends keyof TransportEvents>(event: E, listener: (event: TransportEvents[E]) => void): unknown;
}

export function createTraffic(): Traffic {
  const deprecations = new Set<string>();
  let answers = 0;
  let throttled = 0;
  return {
    get answers() {
      return answers;
    },
    get throttled() {
      return throttled;
    },
    get deprecations() {
      return [...deprecations];
    },
    watch(source) {
      source.on('response', ({ status }) => {
        answers += 1;
        if (status === 429 || status === 503) throttled += 1;
      });
      source.on('deprecation', ({ source: where, operation }) => {
        if (where !== 'table') deprecations.add(`${where} at ${operation}`);
      });
    },
  };
}
