/** An account as a test asks for it. */
export interface ScannerUser {
  readonly username: string;
  readonly password: string;
  /** Default `User`. Administrators may create API keys, upload for others and see all files. */
  readonly role?: 'Administrator' | 'User';
  /** A second factor was set up: the password alone opens no session. */
  readonly mfa?: boolean;
  /** The password is checked by Active Directory or LDAP. */
  readonly directory?: boolean;
  /** How many groups of the user may upload. Default 1; with none or several the upload needs one to be named. */
  readonly uploaderGroups?: number;
}

/** Somebody who may log in. */
export interface Account {
  readonly userId: number;
  readonly username: string;
  readonly email: string;
  readonly role: 'Administrator' | 'User' | 'Guest';
  readonly mfa: boolean;
  readonly directory: boolean;
  readonly uploaderGroups: number;
}

/** What the decoded value of a `Basic` header says. */
export interface LoginAttempt {
  /** Whose name stands there, be the password right or not; undefined for an unknown name or pin. */
  readonly named: Account | undefined;
  readonly passed: boolean;
}

/** The accounts of one scanner. */
export interface Accounts {
  /** Reads user, separator and password, or the pin of a guest, which is the whole value. */
  attempt(secret: string, separator: 'crlf' | 'colon'): LoginAttempt;
  byName(username: string): Account | undefined;
  all(): readonly Account[];
  /** An administrator; one is always there, since only an administrator can own an API key. */
  readonly administrator: Account;
}

const SEPARATORS = { crlf: '\r\n', colon: ':' };

/**
 * @param users - If no administrator is among them, one that cannot log in is added.
 * @param pins - Guests' pins. The whole decoded value of a `Basic` header is compared with them.
 * @example
 * createAccounts([{ username: 'bridge', password }], []).attempt(`bridge\r\n${password}`, 'crlf').passed; // true
 */
export function createAccounts(users: readonly ScannerUser[], pins: readonly string[]): Accounts {
  const byName = new Map<string, Account>();
  const passwords = new Map<Account, string>();
  const guests = new Map<string, Account>();
  const add = (username: string, role: Account['role'], user: Partial<ScannerUser> = {}): Account => {
    const { mfa = false, directory = false, uploaderGroups = 1 } = user;
    const email = `${username}@sandbox.invalid`;
    const account = { userId: byName.size + 1, username, email, role, mfa, directory, uploaderGroups };
    byName.set(username, account);
    return account;
  };
  let administrator: Account | undefined;
  for (const user of users) {
    const { username, password, role = 'User' } = user;
    if (/[\r\n]/.test(username))
      throw new RangeError('A user name cannot contain a line break: it ends the name in a login.');
    if (byName.has(username)) throw new RangeError(`The user ${username} is given twice.`);
    const account = add(username, role, user);
    passwords.set(account, password);
    if (role === 'Administrator') administrator ??= account;
  }
  pins.forEach((pin, index) => guests.set(pin, add(`guest${index + 1}`, 'Guest')));
  return {
    attempt(secret, separator) {
      const guest = guests.get(secret);
      if (guest !== undefined) return { named: guest, passed: true };
      const mark = SEPARATORS[separator];
      const at = secret.indexOf(mark);
      const named = at < 0 ? undefined : byName.get(secret.slice(0, at));
      const password = named === undefined ? undefined : passwords.get(named);
      return { named, passed: password !== undefined && password === secret.slice(at + mark.length) };
    },
    byName: (username) => byName.get(username),
    all: () => [...byName.values()],
    administrator: administrator ?? add('sandbox-administrator', 'Administrator'),
  };
}
