import { InvalidRequestError } from '@mft-bridge/http-transport';

/** The way of older accounts. Multi-factor authentication must be off for the user. */
export interface PasswordAuth {
  /** E-mail address of the user. */
  readonly username: string;
  /** Goes to `/authorize` and nowhere else. */
  readonly password: string;
}

/** An API token, made in the console. */
export interface TokenPairAuth {
  /** As the console shows it. */
  readonly tokenId: string;
  /** As the console showed it once. */
  readonly tokenSecret: string;
  /**
   * Builds the body of `/authorize`. Default `{ tokenID, tokenSecret }`: a public client sends these names, but the
   * vendor's own words for them could not be found.
   */
  readonly body?:
    ((pair: { tokenId: string; tokenSecret: string }) => Readonly<Record<string, unknown>>) | undefined;
}

/** What a provider returns: the bare access token, or the token with its end (milliseconds since 1970). */
export type ProvidedToken = string | { readonly value: string; readonly expiresAt?: number | undefined };

/** Access tokens from somewhere else. Asked again ahead of the end, and after a refusal. */
export interface ProviderAuth {
  /** Returns the token. The signal ends when nobody waits for it any more. */
  readonly provider: (signal: AbortSignal) => ProvidedToken | Promise<ProvidedToken>;
}

/** How to log in; exactly one of three. */
export type AuthOptions = PasswordAuth | TokenPairAuth | ProviderAuth;

/** The same with its kind named. */
export type Credentials =
  | ({ readonly kind: 'password' } & PasswordAuth)
  | ({ readonly kind: 'token-pair' } & TokenPairAuth)
  | ({ readonly kind: 'provider' } & ProviderAuth);

const OPERATION = 'client.create';

/** Takes the options apart at run time: they often come from configuration, where types do not reach. */
export function readCredentials(auth: AuthOptions): Credentials {
  const given: Partial<PasswordAuth & TokenPairAuth & ProviderAuth> = auth;
  const kinds = [
    given.username !== undefined || given.password !== undefined,
    given.tokenId !== undefined || given.tokenSecret !== undefined,
    given.provider !== undefined,
  ].filter(Boolean);
  if (kinds.length > 1) throw refused('more than one way to log in is given');
  if (given.provider !== undefined) return { kind: 'provider', provider: given.provider };
  if (isText(given.username) && isText(given.password)) {
    return { kind: 'password', username: given.username, password: given.password };
  }
  if (isText(given.tokenId) && isText(given.tokenSecret)) {
    return { kind: 'token-pair', tokenId: given.tokenId, tokenSecret: given.tokenSecret, body: given.body };
  }
  throw refused('the way to log in is incomplete');
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function refused(what: string): InvalidRequestError {
  return new InvalidRequestError({
    operation: OPERATION,
    message: `The client was not created: ${what}.`,
    hint: 'Give `auth` as { tokenId, tokenSecret }, { username, password } or { provider }, with none of them empty.',
  });
}
