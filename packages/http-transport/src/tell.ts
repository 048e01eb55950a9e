import { types } from 'node:util';

/**
 * Calls an observer whose failure must not become ours: it is called out of events of sockets and streams, where
 * whatever it throws would end the process.
 */
export function tell<T>(observer: (value: T) => unknown, value: T): void {
  try {
    const result = observer(value);
    // It may be an async function; its rejection would end the process as an unhandled one.
    if (types.isPromise(result)) result.catch(() => undefined);
  } catch {
    // A broken observer must not break a transfer.
  }
}
