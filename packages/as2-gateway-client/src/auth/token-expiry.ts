import type { TokenPair } from '../schemas/token-pair';

const MINUTE = 60_000;
/** Tokens are said to live an hour; no answer or claim saying otherwise, we renew ten minutes before. */
const DEFAULT_LIFETIME_MS = 50 * MINUTE;
const DAY_SECONDS = 86_400;

/**
 * When the access token ends (milliseconds since 1970): as the answer says, else as the token's own `exp` claim
 * says, else 50 minutes from now.
 */
export function tokenExpiry(pair: TokenPair, now: number): number {
  return (
    expiryFromAnswer(pair.expiry, now) ?? expiryFromClaims(pair.accessToken, now) ?? now + DEFAULT_LIFETIME_MS
  );
}

// The unit is undocumented, so the size decides: up to a day it can only be seconds, from 1e12 only a date in
// milliseconds, from 1e9 only a date in seconds; what lies between is a duration in milliseconds.
function expiryFromAnswer(value: number | undefined, now: number): number | undefined {
  if (value === undefined) return undefined;
  if (value <= DAY_SECONDS) return now + value * 1000;
  if (value >= 1e12) return value > now ? value : undefined;
  if (value >= 1e9) return value * 1000 > now ? value * 1000 : undefined;
  return now + value;
}

function expiryFromClaims(token: string, now: number): number | undefined {
  const claims = claimsOf(token);
  const exp = secondsOf(claims?.['exp']);
  if (exp === undefined) return undefined;
  // With `iat` the lifetime is known without trusting that our clock and the server's agree: a clock that runs
  // ahead would find every new token expired and log in before each call.
  const iat = secondsOf(claims?.['iat']);
  if (iat !== undefined && exp > iat) return now + (exp - iat) * 1000;
  return exp * 1000 > now ? exp * 1000 : undefined;
}

function secondsOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : undefined;
}

function claimsOf(token: string): Record<string, unknown> | undefined {
  const payload = token.split('.')[1];
  if (payload === undefined) return undefined;
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
    return typeof claims === 'object' && claims !== null ? (claims as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
