import { types } from 'node:util';
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
      for (const listener of own) {
        try {
          const result = (listener as (event: typeof value) => unknown)(value);
          // A listener may be an async function; its rejection would end the process as an unhandled one.
          if (types.isPromise(result)) result.catch(() => undefined);
        } catch {
          // A broken observer must not break a transfer.
        }
      }
      return own.size;
    },
  };
}
