/** One look at a call, given to the listeners of `onCall`. */
export interface CallEvent {
  /** Method and address template, as `GET /message/inbox/{id}`. */
  readonly operation: string;
  /**
   * `received`: the head of the request is here, nothing was done yet.
   * `answered`: the work is done, and the first byte of the answer is about to leave.
   * `cut`: the connection went away before an answer could be given.
   */
  readonly phase: 'received' | 'answered' | 'cut';
  /** Path parameters, decoded. */
  readonly params: Readonly<Record<string, string>>;
  /** HTTP status; only where `phase` is `answered`. */
  readonly status?: number;
  /** Epoch ms. */
  readonly at: number;
}

/**
 * Called in the middle of a call, synchronously: what it does in `answered` happens before the caller knows anything.
 * That is the place to end a process whose recovery is being tested.
 */
export type CallListener = (event: CallEvent) => void;

/** Counts calls by operation and tells listeners about them. */
export interface CallLog {
  readonly counts: Readonly<Record<string, number>>;
  /** Counts on `received`, tells always. */
  note(event: CallEvent): void;
  onCall(listener: CallListener): () => void;
}

export function createCallLog(): CallLog {
  const counts: Record<string, number> = {};
  const listeners = new Set<CallListener>();
  return {
    counts,
    note(event) {
      if (event.phase === 'received') counts[event.operation] = (counts[event.operation] ?? 0) + 1;
      for (const listener of listeners) listener(event);
    },
    onCall(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
