import { apiDate } from './api-dates';
import type { Key } from './keys';
import type { ScannerSettings } from './settings';

/** What the pages of 3.10 know a login to end with. */
export type LoginResult =
  'Success' | 'ErrorServiceUnavailable' | 'ErrorInvalidCredentials' | 'ErrorMfaRequired';

/** The answer to a login, or to the extension or creation of a key, in the shape of its generation. */
export function sessionReply(key: Key, replies: ScannerSettings['replies']): Record<string, unknown> {
  if (replies === 'pascal') return loginResult('Success', null, key);
  return { token: key.token, expires: apiDate(key.expires, 'Z'), user_id: key.account.userId };
}

/** The PascalCase shape: it comes with status 200 also where there is no session. */
export function loginResult(result: LoginResult, message: string | null, key?: Key): Record<string, unknown> {
  const expires = key === undefined ? null : apiDate(key.expires, 'Z');
  return {
    Result: result,
    Token: key?.token ?? null,
    Expires: expires,
    ExpiresString: expires,
    UiMessageKey: null,
    Message: message,
  };
}
