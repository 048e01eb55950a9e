const watched = new WeakMap<AbortSignal, Set<() => void>>();

/**
 * Calls `listener` once the signal is aborted; returns the function that takes it back. One real listener per signal,
 * however many calls share it: Node warns of a leak at the eleventh, and a program has one signal for its shutdown.
 */
export function onAbort(signal: AbortSignal, listener: () => void): () => void {
  if (signal.aborted) {
    listener();
    return () => undefined;
  }
  const listeners = watched.get(signal) ?? new Set<() => void>();
  if (!watched.has(signal)) {
    watched.set(signal, listeners);
    const onEvent = (): void => {
      watched.delete(signal);
      for (const one of [...listeners]) one();
    };
    signal.addEventListener('abort', onEvent, { once: true });
  }
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}
