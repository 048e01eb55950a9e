import { onAbort } from './on-abort';

export type Interruption = 'caller' | 'total' | 'closed';

/** One call from its start until its answer was read: its signal, and why it was interrupted. */
export interface CallScope {
  /** Made when first asked for: most calls need none, and it is dear next to a small call. */
  readonly signal: AbortSignal;
  /** Calls the listener when the call is interrupted, at once if it was; returns the function that takes it back. */
  onInterrupt(listener: () => void): () => void;
  interruption(): Interruption | undefined;
  interrupt(why: Interruption): void;
  /** What is left on the total clock; Infinity without one. */
  remainingMs(): number;
  end(): void;
}

export interface CallScopeOptions {
  readonly signal: AbortSignal | undefined;
  /** 0: no total clock. */
  readonly totalMs: number;
  readonly now: () => number;
  /** The scopes that are open, which `close()` of the transport interrupts. */
  readonly open: Set<CallScope>;
}

export function openCallScope({ signal, totalMs, now, open }: CallScopeOptions): CallScope {
  const listeners = new Set<() => void>();
  let controller: AbortController | undefined;
  const endsAt = totalMs > 0 ? now() + totalMs : Infinity;
  let why: Interruption | undefined;

  const interrupt = (reason: Interruption): void => {
    if (why !== undefined) return;
    why = reason;
    controller?.abort();
    for (const listener of [...listeners]) listener();
  };
  // setTimeout fires at once for more than 2^31 - 1 ms; a clock of 24 days and more is as good as none.
  const timer = totalMs > 0 && totalMs < 2 ** 31 ? setTimeout(() => interrupt('total'), totalMs) : undefined;

  const scope: CallScope = {
    get signal() {
      controller ??= new AbortController();
      if (why !== undefined) controller.abort();
      return controller.signal;
    },
    onInterrupt: (listener) => {
      if (why !== undefined) listener();
      else listeners.add(listener);
      return () => listeners.delete(listener);
    },
    interruption: () => why,
    interrupt,
    remainingMs: () => endsAt - now(),
    end: () => {
      clearTimeout(timer);
      forget?.();
      open.delete(scope);
    },
  };
  open.add(scope);
  const forget = signal === undefined ? undefined : onAbort(signal, () => interrupt('caller'));
  return scope;
}
