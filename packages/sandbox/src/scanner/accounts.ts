/** An account as a test asks for it. */
export interface ScannerUser {
  readonly username: string;
  readonly password: string;
  /** Default `User`. Administrators may create API keys, upload for others and see all files. */
  readonly role?: 'Administrator' | 'User';
}

/** Somebody who may log in. */
export interface Account {
  readonly userId: number;
  readonly username: string;
  readonly email: string;
  readonly role: 'Administrator' | 'User' | 'Guest';
}

/** The accounts of one scanner. */
export interface Accounts {
  /** Whom the decoded value of a `Basic` header names: user, CRLF and password, or the pin of a guest. */
  login(secret: string): Account | undefined;
  byName(username: string): Account | undefined;
  /** An administrator; one is always there, since only an administrator can own an API key. */
  readonly administrator: Account;
}

/**
 * @param users - If no administrator is among them, one that cannot log in is added.
 * @param pins - Guests' pins. The whole decoded value of a `Basic` header is compared with them.
 * @example
 * createAccounts([{ username: 'bridge', password }], []).login(`bridge\r\n${password}`);
 */
export function createAccounts(users: readonly ScannerUser[], pins: readonly string[]): Accounts {
  const byName = new Map<string, Account>();
  const bySecret = new Map<string, Account>();
  const add = (username: string, role: Account['role'], secret: string | undefined): Account => {
    const account = { userId: byName.size + 1, username, email: `${username}@sandbox.invalid`, role };
    byName.set(username, account);
    if (secret !== undefined) bySecret.set(secret, account);
    return account;
  };
  let administrator: Account | undefined;
  for (const { username, password, role = 'User' } of users) {
    if (/[\r\n]/.test(username))
      throw new RangeError('A user name cannot contain a line break: it ends the name in a login.');
    if (byName.has(username)) throw new RangeError(`The user ${username} is given twice.`);
    const account = add(username, role, `${username}\r\n${password}`);
    if (role === 'Administrator') administrator ??= account;
  }
  pins.forEach((pin, index) => add(`guest${index + 1}`, 'Guest', pin));
  return {
    login: (secret) => bySecret.get(secret),
    byName: (username) => byName.get(username),
    administrator: administrator ?? add('sandbox-administrator', 'Administrator', undefined),
  };
}
