import type { TransportEvents } from './transport-events';

export interface EventHub {
  on<E extends keyof TransportEvents>(event: E, listener: (event: TransportEvents[E]) => void): () => void;
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
    emit: (event, value) => {
      const own = listeners.get(event);
      if (own === undefined) return 0;
      Object.freeze(value);
      for (const listener of own) {
        try {
          (listener as (event: typeof value) => void)(value);
        } catch {
          // A broken observer must not break a transfer.
        }
      }
      return own.size;
    },
  };
}
