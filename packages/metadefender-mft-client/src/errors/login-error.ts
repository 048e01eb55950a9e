import { brandError, hasBrand, MftBridgeError } from '@mft-bridge/http-transport';

/** Why no session could be had. */
export type LoginErrorReason =
  | 'credentials'
  | 'directory-unreachable'
  | 'key-expired'
  | 'locked-out'
  | 'mfa-required'
  | 'no-token'
  | 'password-conflict'
  | 'refused'
  | 'service-unavailable'
  | 'sso-enforced';

const API_KEY = 'For unattended use, have an administrator create an API key and pass it as { apiKey }.';
const HINTS: Readonly<Record<LoginErrorReason, string>> = {
  credentials:
    'Check user name and password. This client sends them joined by CR LF; should your server want a colon, set separator: "colon" (the command mdmft: --login-separator colon). Failed logins count towards the lockout, so neither form is tried after the other.',
  'directory-unreachable':
    'The server cannot reach its directory (AD or LDAP). Try again later, or use a local account or an API key.',
  'key-expired':
    'Obtain a new user key, or pass { username, password } or { provider } so that this client can renew it.',
  'locked-out':
    'Wait until the lock time set by the administrator is over, or have the account unlocked. Do not try again before.',
  'mfa-required': `This API offers no documented way to answer a second factor. ${API_KEY}`,
  'no-token': 'Check that baseUrl leads to MetaDefender MFT and not to a proxy or to its login page.',
  'password-conflict':
    "The account's directory password changed. Sign in once in the user interface, then try again.",
  refused: API_KEY,
  'service-unavailable': 'The server is not ready to sign anybody in. Try again later.',
  'sso-enforced': `Password logins are switched off by single sign-on. ${API_KEY}`,
};

/**
 * The server gave no session. Never repeated by itself: failed logins count towards a lockout.
 *
 * @example
 * try { await md.version(); } catch (error) { if (isLoginError(error) && error.reason === 'mfa-required') askForApiKey(); }
 */
export class LoginError extends MftBridgeError {
  /** why, for programs */
  readonly reason: LoginErrorReason;
  /** HTTP status, where the server answered */
  readonly status?: number;
  /** the server's `ui_message_key` or result word */
  readonly code?: string;

  static {
    brandError(this, 'LoginError');
  }

  constructor(facts: {
    readonly reason: LoginErrorReason;
    readonly message: string;
    readonly status?: number | undefined;
    readonly code?: string | undefined;
  }) {
    super({
      message: facts.message,
      operation: 'sessions.login',
      outcome: 'rejected',
      hint: HINTS[facts.reason],
    });
    this.reason = facts.reason;
    if (facts.status !== undefined) this.status = facts.status;
    if (facts.code !== undefined) this.code = facts.code;
  }

  /** Another name of `code`, as on every error of this API. */
  get key(): string | undefined {
    return this.code;
  }
}

/** Whether a thrown value is a {@link LoginError}, also one of another copy of this package. */
export function isLoginError(error: unknown): error is LoginError {
  return hasBrand(error, 'LoginError');
}

/** The reasons that time may cure; a login is tried again when the next call needs it. */
const passing: ReadonlySet<LoginErrorReason> = new Set([
  'directory-unreachable',
  'key-expired',
  'no-token',
  'service-unavailable',
]);

/** Whether a login must not be tried again with the same credentials: that would count towards the lockout. */
export const isFinalRefusal = (error: unknown): boolean => isLoginError(error) && !passing.has(error.reason);
