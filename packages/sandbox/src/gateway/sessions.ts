import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import type { GatewayCredentials } from './options';

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
   * A session of an API token pair has no username and cannot be refreshed; a refresh token serves once. Both are
   * choices: the vendor's pages leave them open.
   */
  refresh(body: unknown): SessionTokens | undefined;
  /** Whether this is, to the letter, the `Authorization` header of a living session. */
  accepts(header: string | undefined): boolean;
}

export function createSessions(credentials: GatewayCredentials, clock: () => number): Sessions {
  const secret = randomBytes(32);
  const expiries = new Map<string, number>();
  const refreshTokens = new Map<string, string>();

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
    for (const [token, expiry] of expiries) if (expiry <= now) expiries.delete(token);
    const seconds = Math.floor(now / 1000);
    const lifetime = TOKEN_LIFETIME_MS / 1000;
    const apiToken = jwt({ sub: subject, iat: seconds, exp: seconds + lifetime, jti: randomUUID() });
    const refreshToken = jwt({ sub: subject, iat: seconds, use: 'refresh', jti: randomUUID() });
    expiries.set(apiToken, now + TOKEN_LIFETIME_MS);
    if (username !== undefined) refreshTokens.set(refreshToken, username);
    return { apiToken, refreshToken, expiresIn: lifetime };
  }

  return {
    authorize(body) {
      const { username, password, tokenID, tokenSecret } = (body ?? {}) as Record<string, unknown>;
      if (username === credentials.username && password === credentials.password)
        return open(credentials.username, credentials.username);
      if (tokenID === credentials.tokenId && tokenSecret === credentials.tokenSecret)
        return open(credentials.tokenId, undefined);
      return undefined;
    },
    refresh(body) {
      const { username, refreshToken } = (body ?? {}) as Record<string, unknown>;
      if (typeof refreshToken !== 'string' || typeof username !== 'string') return undefined;
      if (refreshTokens.get(refreshToken) !== username) return undefined;
      refreshTokens.delete(refreshToken);
      return open(username, username);
    },
    accepts: (header) => header !== undefined && (expiries.get(header) ?? 0) > clock(),
  };
}
