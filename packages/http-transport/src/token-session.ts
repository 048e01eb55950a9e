import { abortable, Interrupted } from './abortable';
import type { ApiError } from './errors/api-error';
import { isApiError } from './errors/guards';
import type { Session, SessionHeader } from './session';

export interface Token {
  /** A secret. */
  readonly value: string;
  /** Epoch milliseconds; absent when unknown. */
  readonly expiresAt?: number | undefined;
}

export interface TokenSessionOptions<T extends Token> {
  /** Logs in. Never called twice at once. May return a Token with further fields, which `refresh` gets back. */
  obtain(signal: AbortSignal): Promise<T>;
  /** Prolongs a token. When it fails, `obtain` is called. */
  refresh?: ((token: T, signal: AbortSignal) => Promise<T>) | undefined;
  /** The header that carries the token. */
  present(token: T): SessionHeader;
  /**
   * Whether a 401 or 403 may mean that the token is dead; `false` leaves the answer to the caller as it is.
   * Default: every 401.
   */
  mayBeExpired?: ((token: T, error: ApiError) => boolean) | undefined;
  /**
   * Whether a failed login was a refusal, after which none is tried until `reset`: repeating it would lock the account.
   * Default: every 4xx but 408, 417, 425 and 429.
   */
  isRefusal?: ((error: unknown) => boolean) | undefined;
  /** From this long before its expiry a token is renewed beside the calls. Default: a fifth of its life, at most 5 minutes. */
  shouldRefreshMs?: number | undefined;
  /** From this long before its expiry calls wait for the new one. Default: a twentieth of its life, at most 30 seconds. */
  mustRefreshMs?: number | undefined;
  /** Epoch milliseconds. */
  now?: (() => number) | undefined;
}

export interface TokenSession extends Session {
  rejected: NonNullable<Session['rejected']>;
  close(): Promise<void>;
  /** Forgets token and refusal, for new credentials. A login that is under way is not used any more. */
  reset(): void;
  /** Counts the tokens that were obtained or refreshed. */
  readonly generation: number;
}

interface Held<T> {
  readonly token: T;
  readonly header: SessionHeader;
  readonly shouldAt: number;
  readonly mustAt: number;
  /** The server refused it, or its time is over. */
  dead: boolean;
}

/** After a failed renewal beside the calls, the next one waits this long. */
const aheadPauseMs = 30_000;

function isRefusalByStatus(error: unknown): boolean {
  if (!isApiError(error)) return false;
  return error.status >= 400 && error.status < 500 && ![408, 417, 425, 429].includes(error.status);
}

/**
 * Authorizes by a token that is obtained when first needed and renewed ahead of its expiry. However many calls ask,
 * one login or refresh is under way at a time, and all wait for it, each as long as its own signal permits.
 *
 * @example
 * createTokenSession({
 *   obtain: async (signal) => ({ value: (await login(signal)).token, expiresAt: Date.now() + 3_600_000 }),
 *   present: (token) => ({ name: 'authorization', value: `Bearer ${token.value}` }),
 * });
 */
export function createTokenSession<T extends Token>(options: TokenSessionOptions<T>): TokenSession {
  const now = options.now ?? Date.now;
  const mayBeExpired = options.mayBeExpired ?? ((_, error) => error.status === 401);
  const isRefusal = options.isRefusal ?? isRefusalByStatus;
  let held: Held<T> | undefined;
  let refusal: { readonly error: unknown } | undefined;
  let flight: Promise<Held<T>> | undefined;
  let aheadAfter = 0;
  let generation = 0;
  /** Changes with reset(): a flight of an older era starts again, so that it cannot bring back what was forgotten. */
  let era = new AbortController();
  let closed = false;

  const hold = (token: T): Held<T> => {
    const at = now();
    // A token that is over when it arrives tells of a skewed clock: its expiry is then as good as unknown. Believing
    // it would mean a login for every call.
    const expiresAt = token.expiresAt !== undefined && token.expiresAt > at ? token.expiresAt : Infinity;
    const life = expiresAt - at;
    generation += 1;
    return {
      token,
      header: options.present(token),
      shouldAt: expiresAt - (options.shouldRefreshMs ?? Math.min(300_000, life / 5)),
      mustAt: expiresAt - (options.mustRefreshMs ?? Math.min(30_000, life / 20)),
      dead: false,
    };
  };

  const renew = async (signal: AbortSignal): Promise<T> => {
    if (closed) throw new Interrupted();
    if (held !== undefined && options.refresh !== undefined) {
      try {
        return await options.refresh(held.token, signal);
      } catch (error) {
        // A refresh may be refused for many reasons that the credentials survive; only a login is final.
        if (signal.aborted) throw error;
      }
    }
    return await options.obtain(signal);
  };

  const land = async (): Promise<Held<T>> => {
    for (;;) {
      const mine = era;
      try {
        const token = await renew(mine.signal);
        if (mine !== era) continue;
        if (closed) throw new Interrupted();
        held = hold(token);
        return held;
      } catch (error) {
        if (mine !== era) continue;
        if (isRefusal(error)) refusal = { error };
        throw error;
      }
    }
  };

  const fly = (): Promise<Held<T>> => {
    flight ??= land().finally(() => {
      flight = undefined;
    });
    return flight;
  };

  const usable = (): Held<T> | undefined =>
    held !== undefined && !held.dead && now() < held.mustAt ? held : undefined;

  return {
    get generation() {
      return generation;
    },
    header: async (context) => {
      const current = usable();
      if (current === undefined) {
        if (refusal !== undefined) throw refusal.error;
        return (await abortable(fly(), context.signal)).header;
      }
      const at = now();
      if (at >= current.shouldAt && at >= aheadAfter && refusal === undefined) {
        aheadAfter = at + aheadPauseMs;
        fly().catch(() => undefined);
      }
      return current.header;
    },
    rejected: async ({ header, error, signal }) => {
      // Another caller has met the same refusal before: there is a newer token, or none is to be had.
      const current = held;
      if (current !== undefined && !current.dead && current.header.value !== header.value) return true;
      if (current !== undefined && !current.dead) {
        if (!mayBeExpired(current.token, error)) return false;
        current.dead = true;
      }
      if (refusal !== undefined) throw refusal.error;
      await abortable(fly(), signal);
      return true;
    },
    reset: () => {
      era.abort();
      era = new AbortController();
      held = undefined;
      refusal = undefined;
      aheadAfter = 0;
    },
    close: () => {
      closed = true;
      era.abort();
      held = undefined;
      return Promise.resolve();
    },
  };
}
