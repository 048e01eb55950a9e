import type { Session, TokenSession, Transport } from '@mft-bridge/http-transport';
import {
  createTokenSession,
  InvalidRequestError,
  isApiError,
  staticSession,
} from '@mft-bridge/http-transport';
import { isFinalRefusal, LoginError } from '../errors/login-error';
import { cancelKey, extendKey } from '../operations/session-operations';
import type { AuthOptions } from './auth-options';
import type { KeyAndEnd } from './login';
import { keyOf, login } from './login';

/** Within this time of its end a key may have run out for the server already: clocks differ. */
const NEAR_END_MS = 60_000;

export interface ClientSession {
  readonly session: Session;
  /** Ends the session at the server and forgets its key. */
  logout(signal?: AbortSignal): Promise<void>;
}

interface Needs {
  /** the transport that this session authorizes; asked for late, since each needs the other */
  readonly transport: () => Transport;
  /** epoch milliseconds */
  readonly now: () => number;
}

const bearer = ({ value }: KeyAndEnd) => ({ name: 'authorization', value: `Bearer ${value}` });
const epochMs = (at: Date | number | undefined): number | undefined =>
  at instanceof Date ? at.getTime() : at;

/** @throws InvalidRequestError when a credential is empty */
export function createClientSession(auth: AuthOptions, needs: Needs): ClientSession {
  if ('apiKey' in auth) {
    return {
      session: staticSession(bearer({ value: filled(auth.apiKey, 'apiKey') })),
      logout: () =>
        refuseLogout(
          'This client uses an API key, and the call that ends a session deletes the key it is made with.',
        ),
    };
  }
  if ('provider' in auth) {
    const session = createTokenSession<KeyAndEnd>({
      obtain: async (signal) => {
        const { key, expires } = await auth.provider({ signal });
        return { value: filled(key, 'key of the provider'), expiresAt: epochMs(expires) };
      },
      present: bearer,
      mayBeExpired: (token) => nearEnd(token, needs.now()),
      isRefusal: isFinalRefusal,
      now: needs.now,
    });
    return {
      session,
      logout: () => refuseLogout('Its keys come from a provider, who alone knows whether they may be ended.'),
    };
  }
  return ownSession(startOf(auth, needs.transport), needs);
}

interface Start {
  /** a key to begin with, instead of a login */
  readonly given?: KeyAndEnd;
  /** absent: no credentials are held */
  readonly login?: (signal: AbortSignal) => Promise<KeyAndEnd>;
}

type OwnSession = Exclude<AuthOptions, { apiKey: string } | { provider: unknown }>;

function startOf(auth: OwnSession, transport: () => Transport): Start {
  if ('userKey' in auth) {
    return { given: { value: filled(auth.userKey, 'userKey'), expiresAt: epochMs(auth.expires) } };
  }
  const credentials =
    'guestPin' in auth
      ? filled(auth.guestPin, 'guestPin')
      : [filled(auth.username, 'username'), filled(auth.password, 'password')].join(
          auth.separator === 'colon' ? ':' : '\r\n',
        );
  return { login: (signal) => login(transport(), credentials, signal) };
}

function ownSession(start: Start, { transport, now }: Needs): ClientSession {
  let unused = start.given;
  let current = start.given;
  let notExtended: unknown;

  const session: TokenSession = createTokenSession<KeyAndEnd>({
    obtain: async (signal) => {
      const next = unused ?? (start.login === undefined ? keyIsOver(notExtended) : await start.login(signal));
      unused = undefined;
      current = next;
      return next;
    },
    refresh: async (token, signal) => {
      try {
        current = keyOf(await transport().call(extendKey, { key: token.value }, { signal }));
        return current;
      } catch (error) {
        notExtended = error;
        throw error;
      }
    },
    present: bearer,
    // A 401 here also means "bad parameter": a key that is good for long is not to blame.
    mayBeExpired: (token) => nearEnd(token, now()),
    isRefusal: isFinalRefusal,
    now,
  });

  return {
    session,
    logout: async (signal) => {
      const ended = current;
      current = undefined;
      unused = undefined;
      session.reset();
      if (ended === undefined) return;
      try {
        await transport().call(cancelKey, { key: ended.value }, { signal });
      } catch (error) {
        // The key is no longer good: that is what was asked for.
        if (isRefusedKey(error)) return;
        // The session lives on at the server: who calls logout() again means this one.
        current ??= ended;
        throw error;
      }
    },
  };
}

const isRefusedKey = (error: unknown): boolean =>
  isApiError(error) && (error.status === 401 || error.status === 403);

function keyIsOver(notExtended: unknown): never {
  if (notExtended !== undefined && !isRefusedKey(notExtended)) throw notExtended as Error;
  throw new LoginError({
    reason: 'key-expired',
    message: 'The user key has run out or was refused, and no credentials are held.',
  });
}

const nearEnd = ({ expiresAt }: KeyAndEnd, now: number): boolean =>
  expiresAt === undefined || expiresAt - now < NEAR_END_MS;

function filled(value: string, name: string): string {
  // From JavaScript, or an environment variable that is not set.
  if (typeof (value as unknown) === 'string' && value !== '') return value;
  throw new InvalidRequestError({
    operation: 'client',
    message: `${name} is missing or empty.`,
    hint: 'Pass it in the option auth.',
  });
}

function refuseLogout(why: string): Promise<never> {
  return Promise.reject(
    new InvalidRequestError({
      operation: 'sessions.logout',
      message: `logout() was refused. ${why}`,
      hint: 'Call close() instead; it ends nothing at the server.',
    }),
  );
}
