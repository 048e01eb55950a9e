import type { Transport } from '@mft-bridge/http-transport';
import { isApiError } from '@mft-bridge/http-transport';
import type { LoginErrorReason } from '../errors/login-error';
import { LoginError } from '../errors/login-error';
import type { SessionAnswer } from '../operations/session-operations';
import { authenticate } from '../operations/session-operations';

export interface KeyAndEnd {
  readonly value: string;
  /** epoch milliseconds */
  readonly expiresAt?: number | undefined;
}

const reasonOfWord = (word: string | undefined): LoginErrorReason | undefined => {
  if (word === undefined) return undefined;
  if (/mfa|two_?factor|totp/i.test(word)) return 'mfa-required';
  if (/sso|single_?sign/i.test(word)) return 'sso-enforced';
  if (/lock/i.test(word)) return 'locked-out';
  if (/unavailable/i.test(word)) return 'service-unavailable';
  if (/credential|password/i.test(word)) return 'credentials';
  return undefined;
};

const reasonOfStatus: Readonly<Record<number, LoginErrorReason>> = {
  401: 'credentials',
  403: 'credentials',
  409: 'password-conflict',
  417: 'directory-unreachable',
};

/**
 * Begins a session. One try: a refused login counts towards the server's lockout.
 *
 * @param credentials what goes into the Basic header before base64
 * @throws LoginError when the server refuses; connection errors and failures of the server as they are
 */
export async function login(
  transport: Transport,
  credentials: string,
  signal: AbortSignal,
): Promise<KeyAndEnd> {
  let answer: SessionAnswer;
  try {
    answer = await transport.call(authenticate, { credentials }, { signal });
  } catch (error) {
    if (!isApiError(error) || error.status >= 500) throw error;
    throw new LoginError({
      reason: reasonOfWord(error.code) ?? reasonOfStatus[error.status] ?? 'refused',
      message: `The login was refused with HTTP ${String(error.status)}${error.code === undefined ? '' : ` (${error.code})`}.`,
      status: error.status,
      code: error.code,
    });
  }
  return keyOf(answer);
}

/**
 * The key of an answer, or why there is none. A 200 may carry a result other than success.
 *
 * @throws LoginError
 */
export function keyOf({ token, expiresAt, result, key }: SessionAnswer): KeyAndEnd {
  if (result !== undefined && !/^success$/i.test(result)) {
    throw new LoginError({
      reason: reasonOfWord(result) ?? reasonOfWord(key) ?? 'refused',
      message: `The server answered the login with ${/^\w{1,60}$/.test(result) ? result : 'an unknown result'} instead of a session.`,
      status: 200,
      code: key,
    });
  }
  if (token === undefined || token === '') {
    throw new LoginError({
      reason: reasonOfWord(key) ?? 'no-token',
      message: 'The answer to the login holds no key.',
      status: 200,
      code: key,
    });
  }
  return { value: token, expiresAt };
}
