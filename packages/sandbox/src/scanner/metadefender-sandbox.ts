import { randomBytes, randomUUID } from 'node:crypto';
import { createBlobStore } from '../blob-store';
import { createCallLog } from '../call-log';
import type { SandboxHandle } from '../handle';
import { createRoutes } from '../routes';
import { startServer, type ListenOptions } from '../server';
import { createAccounts, type ScannerUser } from './accounts';
import { createEngine, type Engine } from './engine/inspect';
import type { ArchiveLimits } from './engine/archive-scan';
import { createFileShelf } from './file-shelf';
import { createKeys } from './keys';
import { createReports, type FileRecord, type ScannedRecord } from './reports';
import { Refusal, sendRefusal } from './refusal';
import { addAuthRoutes } from './routes/auth-routes';
import { addFileRoutes } from './routes/file-routes';
import { addSystemRoutes } from './routes/system-routes';
import { addUploadRoutes } from './routes/upload-routes';
import { createScanQueue } from './scan-queue';
import type { FileToScan, ScannerContext } from './scanner-context';
import { createTransfers } from './transfers';

const HOUR_MS = 3_600_000;
const YEAR_MS = 365 * 24 * HOUR_MS;

/** How a scanner is started. Everything has a default. */
export interface MetaDefenderSandboxOptions extends ListenOptions {
  /** Accounts that can log in. Default: one user `bridge` with a random password. */
  readonly users?: readonly ScannerUser[];
  /** Pins of guests. Default none. */
  readonly guestPins?: readonly string[];
  /** Long-lived keys; a bare string belongs to an administrator. Default: a random one. */
  readonly apiKeys?: readonly (string | { readonly key: string; readonly username: string })[];
  /** How long processing is shown to take, in ms. Default 0: final as soon as the engine has looked. */
  readonly scanTimeMs?: number | ((file: FileToScan) => number);
  /** Deep CDR: take the active content out of SVG and HTML. Default true. */
  readonly cdr?: boolean;
  /** How far ZIPs are followed. */
  readonly archiveLimits?: Partial<ArchiveLimits>;
  /** Looks at the files instead of the built-in engine. */
  readonly engine?: Engine;
  /** Life of a login's key in ms. Default an hour. */
  readonly sessionMs?: number;
  /** Epoch ms; keys, expiry and scan time go by it. Default `Date.now`. */
  readonly clock?: () => number;
  /** What `GET /version` says. */
  readonly version?: string;
}

/** A running MetaDefender MFT scanner. */
export interface MetaDefenderSandbox extends SandboxHandle {
  /** A key for `Authorization: Bearer`. */
  readonly apiKey: string;
  /** Accounts that can log in. */
  readonly users: readonly ScannerUser[];
  /** Every completed file, deleted ones too, oldest first. */
  readonly files: readonly FileRecord[];
  /** What the scanner has said so far, by file, oldest first. */
  readonly scanned: readonly ScannedRecord[];
  /** The last verdict about content with this SHA-256 (as uploaded; lower-case hex). */
  verdictOf(sha256: string): ScannedRecord['verdict'] | undefined;
}

/**
 * Starts MetaDefender Managed File Transfer as a local server. It speaks as the public documentation says, odd parts
 * included, and really looks at what is uploaded.
 *
 * @throws RangeError for accounts or keys that contradict each other; Error of `node:net` where the port is taken.
 * @example
 * const scanner = await startMetaDefenderSandbox({ scanTimeMs: 500 });
 * await fetch(`${scanner.url}/vault_rest/version`, { headers: { Authorization: `Bearer ${scanner.apiKey}` } });
 * await scanner.close();
 */
export async function startMetaDefenderSandbox(
  options: MetaDefenderSandboxOptions = {},
): Promise<MetaDefenderSandbox> {
  const now = options.clock ?? Date.now;
  const { users = [{ username: 'bridge', password: randomBytes(12).toString('hex') }] } = options;
  const { sessionMs = HOUR_MS, scanTimeMs = 0, version = '3.11.5' } = options;
  const accounts = createAccounts(users, options.guestPins ?? []);
  const keys = createKeys({ now, randomBytes, sessionMs });
  const [apiKey = ''] = (options.apiKeys ?? [randomBytes(15).toString('hex')]).map((given) => {
    const { key, username } = typeof given === 'string' ? { key: given, username: undefined } : given;
    const account = username === undefined ? accounts.administrator : accounts.byName(username);
    if (account === undefined) throw new RangeError('An API key names a user who is not among the users.');
    return keys.create(account, now() + YEAR_MS, 'given to the sandbox', key).token;
  });

  const store = createBlobStore();
  const { cdr = true, archiveLimits = {} } = options;
  const context: ScannerContext = {
    accounts,
    keys,
    transfers: createTransfers(store),
    shelf: createFileShelf({ now }),
    queue: createScanQueue(options.engine ?? createEngine({ store, cdr, limits: archiveLimits })),
    now,
    newId: () => randomUUID().replaceAll('-', ''),
    sessionMs,
    scanTimeMs: typeof scanTimeMs === 'number' ? () => scanTimeMs : scanTimeMs,
    version,
  };
  const log = createCallLog();
  const routes = createRoutes(log, now);
  for (const add of [addAuthRoutes, addUploadRoutes, addFileRoutes, addSystemRoutes]) add(routes, context);
  routes.otherwise(
    () => {
      throw new Refusal(404, 'There is nothing at this address');
    },
    (error, _request, response) => {
      sendRefusal(error, response);
    },
  );
  const server = await startServer(routes.app, options);
  const reports = createReports(context);

  return {
    url: server.url,
    get plugged() {
      return server.plugged;
    },
    unplug: () => server.unplug(),
    plug: () => server.plug(),
    calls: log.counts,
    onCall: (listener) => log.onCall(listener),
    apiKey,
    users,
    get files() {
      return reports.files();
    },
    get scanned() {
      return reports.scanned();
    },
    verdictOf: (sha256) => reports.verdictOf(sha256),
    async close() {
      await server.close();
      await store.close();
    },
  };
}
