import type { Accounts } from './accounts';
import type { FileShelf } from './file-shelf';
import type { Keys } from './keys';
import type { ScanQueue } from './scan-queue';
import type { Transfers } from './transfers';

/** A file as the scan-time function sees it. */
export interface FileToScan {
  readonly fileId: string;
  readonly name: string;
  /** Bytes. */
  readonly size: number;
}

/** What the routes of one scanner share. */
export interface ScannerContext {
  readonly accounts: Accounts;
  readonly keys: Keys;
  readonly transfers: Transfers;
  readonly shelf: FileShelf;
  readonly queue: ScanQueue;
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
