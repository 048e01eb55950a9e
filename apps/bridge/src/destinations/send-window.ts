/** The time for sending is over: nothing more may leave by this call. */
export class SendWindowClosedError extends Error {
  override readonly name = 'SendWindowClosedError';
}

/** Nothing may be forwarded any more, and nothing has left yet by this call. */
export class ForwardingRefusedError extends Error {
  override readonly name = 'ForwardingRefusedError';
}

/**
 * The time within which an unsafe call sends, or sends nothing at all. Whoever takes over after a crash waits for its
 * end, so a process that was stopped meanwhile and goes on must not send past it.
 */
export interface SendWindow {
  /** Epoch ms of its end: what the ledger tells those who take over. */
  readonly sendBy: number;
  /** Aborted at its end, and with the step. */
  readonly signal: AbortSignal;
  /** ms until its end; 0 from then on. */
  leftMs(): number;
  /** To be asked right before something leaves. Aborts the call where it is too late. @throws SendWindowClosedError */
  check(): void;
  /**
   * As `check`, and whether anything may be forwarded now: to be asked as long as nothing has left. What is on its way already
   * is seen to its end. @throws SendWindowClosedError, ForwardingRefusedError
   */
  checkBegin(): void;
  /** The call is over. */
  end(): void;
}

export interface SendWindowOptions {
  readonly forMs: number;
  /** Epoch ms. */
  readonly now: () => number;
  /** ms of a clock that nobody sets. */
  readonly monotonic: () => number;
  /** Epoch ms of this machine, where `now` is a time that is carried on by the monotonic clock. */
  readonly wall?: (() => number) | undefined;
  /** The step's own. */
  readonly signal: AbortSignal;
  /** Why nothing may be forwarded now; null where it may. */
  readonly refusal?: () => string | null;
  /** Told right before each look at the clocks. */
  readonly onCheck?: () => void;
}

/**
 * Opens a window now. Its clocks are looked at, and the earlier end counts: the monotonic one cannot be set back, and the
 * wall clock counts the time for which the whole machine was suspended, which on Linux the monotonic one does not.
 * The timer alone would not do: in a process that was stopped it fires late.
 */
export function openSendWindow(options: SendWindowOptions): SendWindow {
  const { forMs, now, monotonic, wall = now, signal, refusal, onCheck } = options;
  const [sendBy, endsAt, wallEnd] = [now() + forMs, monotonic() + forMs, wall() + forMs];
  const abort = new AbortController();
  const close = (): void => abort.abort(closed());
  const timer = setTimeout(close, forMs);
  const onStepAbort = (): void => abort.abort(signal.reason);
  if (signal.aborted) onStepAbort();
  else signal.addEventListener('abort', onStepAbort, { once: true });
  const leftMs = (): number => Math.max(0, Math.min(sendBy - now(), endsAt - monotonic(), wallEnd - wall()));

  function check(): void {
    onCheck?.();
    if (leftMs() === 0) close();
    abort.signal.throwIfAborted();
  }

  return {
    sendBy,
    signal: abort.signal,
    leftMs,
    check,
    checkBegin() {
      check();
      const why = refusal?.() ?? null;
      if (why === null) return;
      abort.abort(new ForwardingRefusedError(why));
      abort.signal.throwIfAborted();
    },
    end() {
      clearTimeout(timer);
      signal.removeEventListener('abort', onStepAbort);
    },
  };
}

function closed(): SendWindowClosedError {
  return new SendWindowClosedError('the time within which it had to be sent was over (delivery.sendWithin)');
}
