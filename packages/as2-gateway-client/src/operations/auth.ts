import type { Operation } from '@mft-bridge/http-transport';
import { parseTokenPair } from '../schemas/token-pair';
import type { TokenPair } from '../schemas/token-pair';

/** What `/refresh-session` is told. */
export interface RefreshRequest {
  readonly username: string;
  readonly refreshToken: string;
}

/** The two calls that need no token. */
export const authOperations: {
  readonly authorize: Operation<Readonly<Record<string, unknown>>, TokenPair>;
  readonly refresh: Operation<RefreshRequest, TokenPair>;
} = {
  authorize: {
    name: 'auth.authorize',
    method: 'POST',
    path: '/authorize',
    auth: 'none',
    // A second login opens a second session and harms nobody; a refused one is not retried, being a 4xx.
    safety: 'idempotent',
    encode: (json) => ({ body: { json } }),
    output: { parse: parseTokenPair },
  },
  refresh: {
    name: 'auth.refresh',
    method: 'POST',
    path: '/refresh-session',
    auth: 'none',
    // Whether it uses up the refresh token is not known, and its failure is a 500, which retrying would only
    // prolong: a full authorization follows instead.
    safety: 'unsafe',
    // Camel case in both generations of names.
    encode: ({ username, refreshToken }) => ({ body: { json: { username, refreshToken } } }),
    output: { parse: parseTokenPair },
  },
};
