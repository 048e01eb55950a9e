import { randomBytes } from 'node:crypto';
import { createBlobStore } from '../blob-store';
import { createCallLog } from '../call-log';
import type { Faults } from '../faults/fault';
import { createFaultBook } from '../faults/fault-book';
import { createRouteFaults } from '../faults/route-faults';
import type { SandboxHandle } from '../handle';
import { createRoutes } from '../routes';
import { startServer } from '../server';
import type { ScannerUser } from './accounts';
import { chooseEngine } from './engine/choose-engine';
import type { FileMatcher } from './file-matcher';
import type { FileScript } from './file-script';
import { frontProxy } from './front-proxy';
import { readHeaderText } from './header-text';
import { createOperator, type ScannerOperator } from './operator';
import { createReports, type FileRecord, type ScannedRecord } from './reports';
import { errorAnswer, Refusal, sendRefusal } from './refusal';
import { addAuthRoutes } from './routes/auth-routes';
import { addChangeRoutes } from './routes/change-routes';
import { addFileRoutes } from './routes/file-routes';
import { addFolderRoutes } from './routes/folder-routes';
import { addSystemRoutes } from './routes/system-routes';
import { addUploadRoutes } from './routes/upload-routes';
import { createScannerContext } from './scanner-context';
import type { GivenKey, MetaDefenderSandboxOptions } from './scanner-options';
import { changeSettings } from './change-settings';
import { DEFAULT_SETTINGS, type ScannerSettings, type SettingsChange } from './settings';

export type { MetaDefenderSandboxOptions } from './scanner-options';

const YEAR_MS = 365 * 24 * 3_600_000;
const ROUTES = [
  addAuthRoutes,
  addUploadRoutes,
  addFileRoutes,
  addFolderRoutes,
  addChangeRoutes,
  addSystemRoutes,
];

/** A running MetaDefender MFT scanner. */
export interface MetaDefenderSandbox extends SandboxHandle {
  /** A key for `Authorization: Bearer`. */
  readonly apiKey: string;
  /** Accounts that can log in. */
  readonly users: readonly ScannerUser[];
  /** Faults on demand, by operation. */
  readonly faults: Faults;
  /** As they are now. */
  readonly settings: ScannerSettings;
  /**
   * Does what an administrator of the product does; holds from the next call on. Files keep what held when their
   * upload was completed.
   *
   * @throws RangeError for a setting that does not exist or a value that makes no sense.
   */
  change(settings: SettingsChange): void;
  /**
   * Says what becomes of certain files whose upload is completed from now on. Where several scripts match, the one
   * added last holds. Returns the function that takes it away.
   *
   * @throws RangeError for a script that cannot be meant.
   * @example
   * scanner.script('*.exe', { verdict: 'blocked', reason: 'Suspicious' });
   * scanner.script({ sha256 }, { timeline: [{ lockedUntilMs: 60_000 }, { afterMs: 60_000, state: 'Blocked' }] });
   */
  script(matcher: FileMatcher, script: FileScript): () => void;
  clearScripts(): void;
  /** The people at the product's user interface: approve, lift a block, lock, publish. */
  readonly operator: ScannerOperator;
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
 * @throws RangeError for accounts, keys or settings that contradict each other or make no sense; Error of `node:net`
 * where the port is taken; Error where clamd is asked for and none answers.
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
  const store = createBlobStore();
  const engine = await chooseEngine(options, store);
  let settings = changeSettings(DEFAULT_SETTINGS, options.settings ?? {});
  const context = createScannerContext({ options, users, now, store, engine, settings: () => settings });
  const [apiKey = ''] = (options.apiKeys ?? [randomBytes(15).toString('hex')]).map((given) => {
    const { key, username, ...rights }: GivenKey = typeof given === 'string' ? { key: given } : given;
    const { accounts, keys } = context;
    const account = username === undefined ? accounts.administrator : accounts.byName(username);
    if (account === undefined) throw new RangeError('An API key names a user who is not among the users.');
    return keys.create(account, now() + YEAR_MS, 'given to the sandbox', key, rights).token;
  });

  const log = createCallLog();
  const faults = createFaultBook({ seed: options.seed, now });
  const routes = createRoutes(log, now, createRouteFaults(faults, now, errorAnswer));
  routes.app.use(frontProxy(() => settings.proxy));
  routes.app.use(readHeaderText(() => settings.undocumented.headerText));
  for (const add of ROUTES) add(routes, context);
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
    faults,
    apiKey,
    users,
    get settings() {
      return settings;
    },
    change(change) {
      settings = changeSettings(settings, change);
    },
    script: (matcher, script) => context.scripts.add(matcher, script),
    clearScripts: () => context.scripts.clear(),
    operator: createOperator(context),
    get files() {
      return reports.files();
    },
    get scanned() {
      return reports.scanned();
    },
    verdictOf: (sha256) => reports.verdictOf(sha256),
    async close() {
      await server.close();
      // An upload that was not completed holds a file open.
      await context.transfers.close();
      await store.close();
    },
  };
}
