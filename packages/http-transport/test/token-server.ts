import { setMaxListeners } from 'node:events';
import { UnauthorizedError } from '../src/errors/status-errors';
import { createTokenSession } from '../src/token-session';
import type { Token, TokenSession } from '../src/token-session';

export const refused = (): UnauthorizedError =>
  new UnauthorizedError({
    message: 'no',
    operation: 'login',
    outcome: 'rejected',
    status: 401,
    method: 'POST',
    path: '/login',
    headers: {},
    attempts: 1,
  });

export interface Login {
  readonly kind: 'obtain' | 'refresh';
  readonly signal: AbortSignal;
  ok(expiresInMs?: number): void;
  fail(error: Error): void;
}

/** A server whose logins are answered by hand. */
export function server(withRefresh = false, options = {}) {
  const state = { now: 1_000_000, logins: [] as Login[], open: 0, most: 0, made: 0 };
  const login = (kind: Login['kind'], signal: AbortSignal): Promise<Token> =>
    new Promise((resolve, reject) => {
      state.open += 1;
      state.most = Math.max(state.most, state.open);
      const done = (then: () => void): void => {
        state.open -= 1;
        then();
      };
      state.logins.push({
        kind,
        signal,
        ok: (expiresInMs) =>
          done(() => {
            state.made += 1;
            const expiresAt = expiresInMs === undefined ? {} : { expiresAt: state.now + expiresInMs };
            resolve({ value: `t${state.made}`, ...expiresAt });
          }),
        fail: (error) => done(() => reject(error)),
      });
    });
  const session = createTokenSession<Token>({
    obtain: (signal) => login('obtain', signal),
    ...(withRefresh ? { refresh: (_: Token, signal: AbortSignal) => login('refresh', signal) } : {}),
    present: ({ value }) => ({ name: 'authorization', value }),
    now: () => state.now,
    ...options,
  });
  return { state, session, last: () => state.logins.at(-1)! };
}

export const never = new AbortController().signal;
setMaxListeners(0, never);
export const ask = async (session: TokenSession, signal = never): Promise<string> =>
  (await session.header({ operation: 'o', signal })).value;
export const reject = (session: TokenSession, value: string): Promise<boolean> =>
  session.rejected({
    operation: 'o',
    signal: never,
    header: { name: 'authorization', value },
    error: refused(),
  });
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
