import { randomBytes, randomUUID } from 'node:crypto';
import type { BlobStore } from '../blob-store';
import { createAccounts, type Accounts, type ScannerUser } from './accounts';
import type { Engine } from './engine/inspect';
import { createFileScripts, type FileScripts } from './file-scripts';
import { createFileShelf, type FileShelf } from './file-shelf';
import { createFolders, type Folders } from './folders';
import { createKeys, type Keys } from './keys';
import { createLoginGuard, type LoginGuard } from './login-guard';
import { createScanQueue, type ScanQueue } from './scan-queue';
import { createScanSlots, type ScanSlots } from './scan-slots';
import type { MetaDefenderSandboxOptions } from './scanner-options';
import type { ScannerSettings } from './settings';
import type { FileToScan } from './stored-file';
import { createTransfers, type Transfers } from './transfers';

const HOUR_MS = 3_600_000;

/** What the routes of one scanner share. */
export interface ScannerContext {
  readonly accounts: Accounts;
  readonly keys: Keys;
  readonly guard: LoginGuard;
  /** As they are at this moment. */
  readonly settings: () => ScannerSettings;
  readonly transfers: Transfers;
  readonly shelf: FileShelf;
  readonly folders: Folders;
  readonly scripts: FileScripts;
  /** Files that anybody may fetch: public id to file id. */
  readonly published: Map<string, string>;
  readonly queue: ScanQueue;
  readonly slots: ScanSlots;
  readonly store: BlobStore;
  /** Epoch ms. */
  readonly now: () => number;
  /** A new id, 32 lower-case hex digits. */
  readonly newId: () => string;
  /** Life of a login's key in ms. */
  readonly sessionMs: number;
  /** How long the processing of a file is shown to take, in ms. */
  readonly scanTimeMs: (file: FileToScan) => number;
  /** What `GET /version` says. */
  readonly version: string;
}

/** Puts the parts of one scanner together. */
export function createScannerContext(parts: {
  readonly options: MetaDefenderSandboxOptions;
  readonly users: readonly ScannerUser[];
  readonly now: () => number;
  readonly store: BlobStore;
  readonly engine: Engine;
  readonly settings: () => ScannerSettings;
}): ScannerContext {
  const { options, users, now, store, engine, settings } = parts;
  const { sessionMs = HOUR_MS, scanTimeMs = 0, version = '3.11.5' } = options;
  const newId = (): string => randomUUID().replaceAll('-', '');
  const accounts = createAccounts(users, options.guestPins ?? []);
  return {
    accounts,
    keys: createKeys({ now, randomBytes, sessionMs, undocumented: () => settings().undocumented }),
    guard: createLoginGuard(() => settings().lockout, now),
    settings,
    transfers: createTransfers(store),
    shelf: createFileShelf({ now, duplicates: () => settings().undocumented.duplicateNames }),
    folders: createFolders({ now, newId, accounts: accounts.all }),
    scripts: createFileScripts(),
    published: new Map(),
    queue: createScanQueue(engine),
    slots: createScanSlots(now),
    store,
    now,
    newId,
    sessionMs,
    scanTimeMs: typeof scanTimeMs === 'number' ? () => scanTimeMs : scanTimeMs,
    version,
  };
}
