import type { CallScope } from './call-scope';
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

/**
 * As `abortable`, by the scope of the call: an AbortSignal, which most calls never need, is not made for it.
 * `late` gets what comes when nobody waits any more.
 */
export function unlessInterrupted<T>(
  promise: Promise<T>,
  scope: CallScope,
  late: (value: T) => void = () => undefined,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    let gone = false;
    const forget = scope.onInterrupt(() => {
      gone = true;
      reject(new Interrupted());
    });
    promise
      .then((value) => {
        if (gone) late(value);
        else resolve(value);
      }, reject)
      .finally(() => forget());
  });
}
