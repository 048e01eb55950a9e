import { DEFAULT_UNDOCUMENTED, type ScannerUndocumented } from './undocumented';

/** After how many failed logins a user name is locked. Product: an admin setting, its defaults are not documented. */
export interface Lockout {
  /** Failed logins in a row. At least 1. */
  readonly attempts: number;
  /** How long every login of that name is refused then, in ms. */
  readonly lockMs: number;
  /** Failures older than this are forgotten, in ms. Default: `lockMs`. */
  readonly resetMs?: number;
}

/** Supervisors have to approve each file that was not blocked. */
export interface ApprovalRule {
  /** How many approvals a file needs. At least 1. */
  readonly required: number;
  /** Files that need none: those that were sanitized, or all of them some ms after their scan. Default `never`. */
  readonly skip?: 'never' | 'when-sanitized' | { readonly afterMs: number };
}

/** What the scanner can bear. All of it by the clock; null is without end. */
export interface Capacity {
  /** Files scanned at one time; the others are queued. Felt only with a scan time. */
  readonly scans: number | null;
  /** Files that may wait for a scan. One more is refused with 503. */
  readonly queue: number | null;
  /** Largest file in bytes; larger ones are refused with 400 when they are announced. */
  readonly fileBytes: number | null;
  /** Bytes that all files of one user may have together; 400 when a file is announced that would not fit. */
  readonly storageBytes: number | null;
}

/** A reverse proxy in front of the scanner (nginx, from its answers). */
export interface FrontProxy {
  /** `dropped` as nginx does by default: the scanner never sees headers with an underscore in their names. */
  readonly underscoreHeaders: 'kept' | 'dropped';
  /** Bodies that announce more bytes are refused with 413 and a page of HTML. */
  readonly bodyBytes: number | null;
  /** The scanner behind it cannot be reached: every call is answered with this status and a page of HTML. */
  readonly down: 502 | 503 | 504 | null;
}

/** What an administrator of the product can set, and a test can change at any time. */
export interface ScannerSettings {
  /**
   * Which generation of the reference the answers follow where they contradict each other. `vault`: the tutorials and
   * the Vault pages. `pascal`: the machine-written pages of 3.10 and 3.11 (`{ Result, Token, Expires, ... }`, ordinary
   * meanings of 401 and 403 for authentication, folders as `{ totalCount, items }`).
   */
  readonly replies: 'vault' | 'pascal';
  /** Two shapes of a file's status are documented, neither holds the other. */
  readonly statusFields: '2021' | '2018';
  /** What stands between name and password in a login. The product documents both; `crlf` is the likely one. */
  readonly loginSeparator: 'crlf' | 'colon';
  /** `enforced`: nobody can log in by password or pin. */
  readonly sso: 'off' | 'enforced';
  /** `unreachable`: users of the directory cannot log in (417). */
  readonly directory: 'reachable' | 'unreachable';
  readonly lockout: Lockout | null;
  /** "Allow Users to Upload Files Without Specifying Group Membership". */
  readonly uploadWithoutGroup: boolean;
  /** Who may list `all` files: two pages of the same date disagree. */
  readonly listAll: 'accessible' | 'administrators';
  readonly approvals: ApprovalRule | null;
  /** Outbreak prevention: a scanned file stays locked for so many ms. 0 switches it off. */
  readonly lockMs: number;
  /** Blocked files, and those whose processing failed, vanish (404) so many ms after their scan. */
  readonly deleteBlockedAfterMs: number | null;
  /** Life of files that come with a key bound to "Use System Default File Expiration", in ms. */
  readonly systemExpirationMs: number | null;
  readonly capacity: Capacity;
  readonly proxy: FrontProxy;
  /** The other way for what no page says. */
  readonly undocumented: ScannerUndocumented;
}

/** Some of the settings. `capacity`, `proxy` and `undocumented` may be given in part as well. */
export type SettingsChange = Partial<Omit<ScannerSettings, 'capacity' | 'proxy' | 'undocumented'>> & {
  readonly capacity?: Partial<Capacity>;
  readonly proxy?: Partial<FrontProxy>;
  readonly undocumented?: Partial<ScannerUndocumented>;
};

/** How a scanner is set where nothing else is said: no oddity that a caller did not ask for. */
export const DEFAULT_SETTINGS: ScannerSettings = {
  replies: 'vault',
  statusFields: '2021',
  loginSeparator: 'crlf',
  sso: 'off',
  directory: 'reachable',
  lockout: null,
  uploadWithoutGroup: false,
  listAll: 'accessible',
  approvals: null,
  lockMs: 0,
  deleteBlockedAfterMs: null,
  systemExpirationMs: null,
  capacity: { scans: null, queue: null, fileBytes: null, storageBytes: null },
  proxy: { underscoreHeaders: 'kept', bodyBytes: null, down: null },
  undocumented: DEFAULT_UNDOCUMENTED,
};
