import { createTokenSession } from '@mft-bridge/http-transport';
import type { Session, Token, Transport } from '@mft-bridge/http-transport';
import { authOperations } from '../operations/auth';
import type { TokenPair } from '../schemas/token-pair';
import type { Credentials, TokenPairAuth } from './auth-options';
import { tokenExpiry } from './token-expiry';

/** What a session needs from its client. */
export interface SessionContext {
  readonly credentials: Credentials;
  /** A scheme word in front of the token, e.g. `Bearer`; none by default. */
  readonly scheme?: string | undefined;
  /** Called late: the transport that uses this session is made after it. */
  readonly transport: () => Transport;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

interface GatewayToken extends Token {
  readonly obtainedAt: number;
  readonly refreshToken?: string | undefined;
}

/** A caller that waits for a token holds up all others: logins pass before them in the request limiter. */
const LOGIN_PRIORITY = 1_000_000;
/** A 403 on a token younger than this means "not allowed", not "expired". */
const FRESH_MS = 60_000;

/** The session of a client: the raw token in `Authorization`, without a scheme word unless one is asked for. */
export function createGatewaySession(context: SessionContext): Session {
  const { credentials, scheme, now } = context;
  return createTokenSession<GatewayToken>({
    obtain: (signal) => obtain(context, signal),
    ...(credentials.kind === 'password'
      ? { refresh: (token, signal) => refresh(context, credentials.username, token, signal) }
      : {}),
    present: ({ value }) => ({
      name: 'authorization',
      value: scheme === undefined ? value : `${scheme} ${value}`,
    }),
    // What an ended token answers is not documented (401 or the 403 of AWS), nor what a missing right does. One
    // new login tells them apart; a token just made does not need it, or each forbidden call would log in anew.
    mayBeExpired: (token, { status }) => status === 401 || now() - token.obtainedAt >= FRESH_MS,
    now,
  });
}

async function obtain(context: SessionContext, signal: AbortSignal): Promise<GatewayToken> {
  const { credentials, transport, now } = context;
  if (credentials.kind === 'provider') {
    const provided = await credentials.provider(signal);
    const token = typeof provided === 'string' ? { value: provided } : provided;
    return { ...token, obtainedAt: now() };
  }
  const body =
    credentials.kind === 'password'
      ? { username: credentials.username, password: credentials.password }
      : (credentials.body ?? defaultBody)(credentials);
  const pair = await transport().call(authOperations.authorize, body, { signal, priority: LOGIN_PRIORITY });
  return tokenOf(pair, now());
}

// It may fail for many reasons, each of them a 500. The session then logs in anew: the password still works.
async function refresh(
  context: SessionContext,
  username: string,
  token: GatewayToken,
  signal: AbortSignal,
): Promise<GatewayToken> {
  const { refreshToken } = token;
  if (refreshToken === undefined) return obtain(context, signal);
  const pair = await context
    .transport()
    .call(
      authOperations.refresh,
      { username, refreshToken },
      { signal, priority: LOGIN_PRIORITY, maxAttempts: 1 },
    );
  return tokenOf({ refreshToken, ...pair }, context.now());
}

function defaultBody({ tokenId, tokenSecret }: TokenPairAuth): Readonly<Record<string, unknown>> {
  return { tokenID: tokenId, tokenSecret };
}

function tokenOf(pair: TokenPair, now: number): GatewayToken {
  return {
    value: pair.accessToken,
    expiresAt: tokenExpiry(pair, now),
    obtainedAt: now,
    refreshToken: pair.refreshToken,
  };
}
