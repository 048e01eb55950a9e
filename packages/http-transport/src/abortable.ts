import { onAbort } from './on-abort';

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
    const forget = onAbort(signal, () => reject(new Interrupted()));
    promise.then(resolve, reject).finally(forget);
  });
}
