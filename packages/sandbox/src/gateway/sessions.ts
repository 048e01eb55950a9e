import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import type { GatewayCredentials } from './options';
import type { GatewayUndocumented } from './undocumented';

/** Access tokens live one hour: public clients store 3,600 s (reference, section 2). */
const TOKEN_LIFETIME_MS = 3600 * 1000;

export interface SessionTokens {
  readonly apiToken: string;
  readonly refreshToken: string;
  /** Seconds. */
  readonly expiresIn: number;
}

/** Who is logged in. */
export interface Sessions {
  /** Opens a session for `{ username, password }` or `{ tokenID, tokenSecret }`; undefined where they are wrong. */
  authorize(body: unknown): SessionTokens | undefined;
  /**
   * Takes `{ username, refreshToken }`; undefined where anything about it is wrong.
   * Whether a session of an API token pair (which has no username) can be refreshed, how often a refresh token
   * serves and how long it lives, the vendor's pages leave open.
   */
  refresh(body: unknown): SessionTokens | undefined;
  /** Whether this `Authorization` header holds, to the letter, the token of a living session. */
  accepts(header: string | undefined): boolean;
}

export function createSessions(
  credentials: GatewayCredentials,
  clock: () => number,
  undocumented: GatewayUndocumented,
): Sessions {
  const secret = randomBytes(32);
  const expiries = new Map<string, number>();
  const refreshTokens = new Map<string, { readonly username: string; readonly until: number }>();

  /** Real tokens are JWTs, and a client may read their `exp`. */
  function jwt(claims: Record<string, unknown>): string {
    const [head, body] = [{ alg: 'HS256', typ: 'JWT' }, claims].map((part) =>
      Buffer.from(JSON.stringify(part)).toString('base64url'),
    );
    const signed = `${String(head)}.${String(body)}`;
    return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
  }

  function open(subject: string, username: string | undefined): SessionTokens {
    const now = clock();
    // The oldest stand first: who logs in for every call must not make each login dearer than the one before.
    for (const [token, expiry] of expiries) {
      if (expiry > now) break;
      expiries.delete(token);
    }
    const seconds = Math.floor(now / 1000);
    const lifetime = TOKEN_LIFETIME_MS / 1000;
    const apiToken = jwt({ sub: subject, iat: seconds, exp: seconds + lifetime, jti: randomUUID() });
    const refreshToken = jwt({ sub: subject, iat: seconds, use: 'refresh', jti: randomUUID() });
    expiries.set(apiToken, now + TOKEN_LIFETIME_MS);
    const until = now + (undocumented.refreshLifetimeMs ?? Infinity);
    if (username !== undefined) refreshTokens.set(refreshToken, { username, until });
    return { apiToken, refreshToken, expiresIn: lifetime };
  }

  return {
    authorize(body) {
      const given = (body ?? {}) as Record<string, unknown>;
      const { username, password } = given;
      const [id, tokenSecret] = undocumented.tokenPairFields.map((name) => given[name]);
      if (username === credentials.username && password === credentials.password)
        return open(credentials.username, credentials.username);
      if (id === credentials.tokenId && tokenSecret === credentials.tokenSecret)
        return open(
          credentials.tokenId,
          undocumented.pairRefresh === 'accepted' ? credentials.tokenId : undefined,
        );
      return undefined;
    },
    refresh(body) {
      const { username, refreshToken } = (body ?? {}) as Record<string, unknown>;
      if (typeof refreshToken !== 'string' || typeof username !== 'string') return undefined;
      const known = refreshTokens.get(refreshToken);
      if (known?.username !== username || clock() >= known.until) return undefined;
      if (undocumented.refreshTokens === 'once') refreshTokens.delete(refreshToken);
      return open(username, username);
    },
    accepts(header) {
      const token = undocumented.bearer === 'accepted' ? header?.replace(/^Bearer +/i, '') : header;
      return token !== undefined && (expiries.get(token) ?? 0) > clock();
    },
  };
}
