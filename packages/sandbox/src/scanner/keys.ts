import type { Account } from './accounts';
import type { PageAge } from './refusal';
import type { ScannerUndocumented } from './undocumented';

/** What only a System-level API key can be given. Nothing documented lets a client read it. */
export interface KeyRights {
  /** "Allow Skip MetaDefender Core Scanning": files that come with this key are available unscanned. */
  readonly skipScan?: boolean;
  /** "Allow Skip Supervision": they need no approval. */
  readonly skipSupervision?: boolean;
  /** "Use System Default File Expiration": expirations that the client asks for are ignored. */
  readonly systemExpiration?: boolean;
}

/** What opens the API: the key of a login, or a long-lived API key. Both are sent as `Bearer`. */
export interface Key {
  readonly tokenId: number;
  readonly token: string;
  readonly account: Account;
  readonly kind: 'session' | 'api';
  readonly description: string;
  readonly rights: KeyRights;
  /** Epoch ms. */
  readonly created: number;
  /** Epoch ms. */
  readonly expires: number;
}

/** The keys of one scanner, dead ones forgotten. */
export interface Keys {
  /** A key that is alive. */
  find(token: string): Key | undefined;
  /** A new key for somebody who has logged in. */
  login(account: Account): Key;
  /** A long-lived key. `token` for one that is chosen, else it is made. */
  create(account: Account, expires: number, description: string, token?: string, rights?: KeyRights): Key;
  /**
   * Moves the end of a key. A session's key is replaced, as the sample suggests: the old one is dead then.
   * An API key keeps its value (it is configured somewhere; nothing documented says that it changes).
   */
  extend(key: Key, expires: number): Key;
  remove(token: string): void;
  /** The status of a call without a key that is alive, on a page of this age. */
  refusedStatus(page: PageAge): 401 | 403;
  /** API keys that are alive, oldest first. */
  apiKeys(): Key[];
}

export interface KeysOptions {
  readonly now: () => number;
  readonly randomBytes: (size: number) => Buffer;
  /** Life of a login's key in ms. */
  readonly sessionMs: number;
  /** Read at every call. */
  readonly undocumented: () => Pick<ScannerUndocumented, 'extendedKey' | 'refusedKey'>;
}

/** @example const keys = createKeys({ now: Date.now, randomBytes, sessionMs: 3_600_000, undocumented }); */
export function createKeys(options: KeysOptions): Keys {
  const { now, randomBytes, sessionMs } = options;
  const alive = new Map<string, Key>();
  let count = 0;

  const put = (key: Omit<Key, 'tokenId' | 'created'>): Key => {
    count += 1;
    const made = { ...key, tokenId: count, created: now() };
    alive.set(made.token, made);
    return made;
  };
  const newToken = (): string => randomBytes(20).toString('hex').slice(0, 30);

  return {
    find(token) {
      const key = alive.get(token);
      if (key === undefined || key.expires > now()) return key;
      alive.delete(token);
      return undefined;
    },
    login: (account) =>
      put({
        token: newToken(),
        account,
        kind: 'session',
        description: '',
        rights: {},
        expires: now() + sessionMs,
      }),
    create: (account, expires, description, token = newToken(), rights = {}) =>
      put({ token, account, kind: 'api', description, rights, expires }),
    extend(key, expires) {
      alive.delete(key.token);
      const renewed = key.kind === 'session' && options.undocumented().extendedKey === 'new';
      const extended = { ...key, expires, token: renewed ? newToken() : key.token };
      alive.set(extended.token, extended);
      return extended;
    },
    remove: (token) => void alive.delete(token),
    refusedStatus(page) {
      const { refusedKey } = options.undocumented();
      // Pages before 2020 answer a wrong or expired key with 403, later ones with 401.
      return refusedKey === 'by-page' ? (page === 'old' ? 403 : 401) : refusedKey;
    },
    apiKeys: () => [...alive.values()].filter((key) => key.kind === 'api' && key.expires > now()),
  };
}
