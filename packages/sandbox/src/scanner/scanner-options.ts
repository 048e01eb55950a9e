import type { ListenOptions } from '../server';
import type { ScannerUser } from './accounts';
import type { ClamdAddress } from './engine/clamd';
import type { ArchiveLimits } from './engine/archive-scan';
import type { Engine } from './engine/inspect';
import type { KeyRights } from './keys';
import type { FileToScan } from './stored-file';
import type { SettingsChange } from './settings';

/** A long-lived key with its owner, and the rights that only keys of System level have. */
export interface GivenKey extends KeyRights {
  readonly key: string;
  /** Default: an administrator. */
  readonly username?: string;
}

/** How a scanner is started. Everything has a default. */
export interface MetaDefenderSandboxOptions extends ListenOptions {
  /** Accounts that can log in. Default: one user `bridge` with a random password. */
  readonly users?: readonly ScannerUser[];
  /** Pins of guests. Default none. */
  readonly guestPins?: readonly string[];
  /** Long-lived keys; a bare string belongs to an administrator. Default: a random one. */
  readonly apiKeys?: readonly (string | GivenKey)[];
  /** How long processing is shown to take, in ms. Default 0: final as soon as the engine has looked. */
  readonly scanTimeMs?: number | ((file: FileToScan) => number);
  /** Deep CDR: take the active content out of SVG and HTML. Default true. */
  readonly cdr?: boolean;
  /** How far ZIPs are followed. */
  readonly archiveLimits?: Partial<ArchiveLimits>;
  /**
   * What looks at the files. `builtin` is the default; `clamd` asks a ClamAV daemon as well, and the worse verdict
   * wins; a function takes the place of both.
   */
  readonly engine?: 'builtin' | 'clamd' | Engine;
  /** Where clamd listens. Default: the first of its usual places that answers (see `findClamd`). */
  readonly clamd?: ClamdAddress;
  /** What an administrator of the product has set; can be changed later. */
  readonly settings?: SettingsChange;
  /** From which chance in faults is drawn. Default: random; `faults.seed` tells which. */
  readonly seed?: string | number | undefined;
  /** Life of a login's key in ms. Default an hour. */
  readonly sessionMs?: number;
  /** Epoch ms; keys, expiry and scan time go by it. Default `Date.now`. */
  readonly clock?: () => number;
  /** What `GET /version` says. */
  readonly version?: string;
}
