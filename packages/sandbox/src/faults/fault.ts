/** What goes wrong with one call. Bytes and milliseconds are of real time and real traffic, but for `Retry-After`. */
export type Fault =
  /** Another answer. Without `afterWork` the call is not done; with it, it is, and its own answer is thrown away. */
  | {
      readonly kind: 'status';
      /** 400 to 599. */
      readonly status: number;
      /** As a number of seconds, or as an HTTP date so many ms ahead of the sandbox's clock. */
      readonly retryAfter?: { readonly seconds: number } | { readonly dateInMs: number };
      readonly headers?: Readonly<Record<string, string>>;
      /** Text as it is, anything else as JSON. Default: as this service words its errors. */
      readonly body?: unknown;
      readonly afterWork?: boolean;
    }
  /** The page of a proxy instead of the service's JSON. Default status 502; a 200 is possible, and worse. */
  | { readonly kind: 'html'; readonly status?: number; readonly afterWork?: boolean }
  /** The connection is reset and the call is not done: with nothing, `afterBytes` (default 1) or all of its body read. */
  | {
      readonly kind: 'reset';
      readonly when: 'before-body' | 'mid-body' | 'after-body';
      readonly afterBytes?: number;
    }
  /** The call is done; instead of its answer the connection is reset (default) or closed. */
  | { readonly kind: 'lost-answer'; readonly how?: 'reset' | 'close' }
  /**
   * Silence, until the caller or the sandbox ends the connection. `request`: nothing is read or done. `headers`: the
   * call is done, its answer never begins. `body`: the answer stops after `afterBytes` (default half) of its body.
   */
  | { readonly kind: 'stall'; readonly where: 'request' | 'headers' | 'body'; readonly afterBytes?: number }
  /** The body of the answer comes `bytes` at a time, `everyMs`. */
  | { readonly kind: 'trickle'; readonly bytes: number; readonly everyMs: number }
  /** The body ends after `afterBytes` (default half) of what `Content-Length` says, by a close (default) or a reset. */
  | { readonly kind: 'truncate'; readonly afterBytes?: number; readonly how?: 'close' | 'reset' }
  /** `Content-Length` is wrong by so many bytes; the body is whole, and the connection is closed behind it. */
  | { readonly kind: 'wrong-length'; readonly by: number }
  /** A sound answer of the wrong size: the body is shorter (negative) or longer, and `Content-Length` agrees. */
  | { readonly kind: 'resize'; readonly by: number }
  /** `body` (default): random bytes of the same number, status and headers as they were. `wire`: not even HTTP. */
  | { readonly kind: 'garbage'; readonly where?: 'body' | 'wire' }
  /** One byte of the body is another one: at this place, else anywhere. Only a hash can tell. */
  | { readonly kind: 'flip-byte'; readonly at?: number }
  /**
   * 401 (default) or 403 although the token is good. `forGood`: this very token is refused by the whole service from
   * then on, as after a restart of it; a new one works.
   */
  | { readonly kind: 'reject-token'; readonly status?: 401 | 403; readonly forGood?: boolean }
  /** The call waits before anything is done, `ms` and up to `jitterMs` more. Goes together with other faults. */
  | { readonly kind: 'latency'; readonly ms: number; readonly jitterMs?: number };

export type FaultKind = Fault['kind'];

/** When a fault strikes. */
export interface FaultRule {
  /**
   * An operation as `calls` counts it (`POST /message/submit`), or a pattern in which `*` stands for anything:
   * `*`, `GET *`, `GET /message/inbox/*`.
   */
  readonly on: string;
  readonly fault: Fault;
  /** Strikes so many times at most. Default: until it is removed. */
  readonly times?: number;
  /** 0 to 1, drawn from the seed. Default 1. */
  readonly probability?: number;
  /** So many matching calls go well before it can strike. Default 0. */
  readonly after?: number;
  /** Lives so long by the sandbox's clock, from now. Default: until it is removed. */
  readonly forMs?: number;
  /** Only calls with these path parameters (decoded). */
  readonly params?: Readonly<Record<string, string>>;
}

/** A fault that was added. */
export interface FaultHandle {
  /** Unique within its service, for the control listener. */
  readonly id: string;
  readonly rule: FaultRule;
  /** How often it struck so far. */
  readonly hits: number;
  /** Twice is harmless. */
  remove(): void;
}

/** A fault that struck. */
export interface FaultHit {
  readonly id: string;
  /** Epoch ms by the sandbox's clock. */
  readonly at: number;
  readonly operation: string;
  readonly kind: FaultKind;
}

/**
 * Faults on demand. All that is left to chance is drawn from `seed`, for each fault by itself: the same calls in the
 * same order meet the same faults.
 *
 * Rules are asked in the order in which they were added; the first that strikes decides, `latency` apart.
 *
 * @example
 * const fault = gateway.faults.add({ on: 'POST /message/submit', fault: { kind: 'lost-answer' }, times: 1 });
 * // … your code submits, and never learns that it worked …
 * expect(fault.hits).toBe(1);
 */
export interface Faults {
  /** Print it where a test fails: given to a new sandbox as `seed`, it gives the same faults. */
  readonly seed: string | number;
  /** @throws RangeError where the rule makes no sense or names no operation of this service. */
  add(rule: FaultRule): FaultHandle;
  /** Those not removed, in order; also those that have struck as often as they may. */
  readonly active: readonly FaultHandle[];
  /** What struck so far, oldest first; the last 100,000. `hits` of a rule counts all. */
  readonly hits: readonly FaultHit[];
  /** Removes all; counts and hits stay. */
  clear(): void;
}
