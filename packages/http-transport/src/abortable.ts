/** Rejected with by everything here that waits; turned into AbortedError or TimeoutError where the call is known. */
export class Interrupted extends Error {
  /** A request may be on the wire. */
  readonly sent: boolean;

  constructor(sent = false) {
    super('interrupted');
    this.sent = sent;
  }
}

/** `promise`, or a rejection with Interrupted as soon as the signal is aborted; the promise itself goes on. */
export function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    if (signal.aborted) {
      // Its outcome is of no interest any more, and must not become an unhandled rejection.
      promise.catch(() => undefined);
      reject(new Interrupted());
      return;
    }
    const onAbort = (): void => reject(new Interrupted());
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
