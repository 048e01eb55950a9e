import { tell } from './tell';
import type { TransportEvents } from './transport-events';

export interface EventHub {
  on<E extends keyof TransportEvents>(event: E, listener: (event: TransportEvents[E]) => void): () => void;
  /** Whether it is worth the while to put the facts of an event together. */
  isHeard(event: keyof TransportEvents): boolean;
  /** Returns how many listened. */
  emit<E extends keyof TransportEvents>(event: E, value: TransportEvents[E]): number;
}

type Listener = (event: never) => void;

/** Hooks observe only: they get frozen copies of facts, and what they throw is dropped. */
export function createEventHub(): EventHub {
  const listeners = new Map<string, Set<Listener>>();
  return {
    on: (event, listener) => {
      const own = listeners.get(event) ?? new Set<Listener>();
      listeners.set(event, own);
      own.add(listener);
      return () => {
        own.delete(listener);
      };
    },
    isHeard: (event) => (listeners.get(event)?.size ?? 0) > 0,
    emit: (event, value) => {
      const own = listeners.get(event);
      if (own === undefined) return 0;
      Object.freeze(value);
      // A copy: a listener that adds another one would else be followed by it, and that by the next, without end.
      for (const listener of [...own]) {
        tell(listener as (event: typeof value) => unknown, value);
      }
      return own.size;
    },
  };
}
