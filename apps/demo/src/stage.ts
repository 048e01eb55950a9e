import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { BridgeView } from './bridge-api';
import { readBridge } from './bridge-api';
import type { Child } from './child';
import { startChild, waitFor } from './child';
import type { DemoBridge } from './demo-bridge-config';
import { writeDemoConfig } from './demo-bridge-config';
import type { SandboxApi } from './sandbox-api';
import { createSandboxApi } from './sandbox-api';
import type { FolderFile } from './witness';

export interface StageOptions {
  /** Where configuration, ledger, custody, logs and the destination folder go. */
  readonly directory: string;
  readonly sandboxScript: string;
  readonly bridgeScript: string;
  readonly bridgePort: number;
}

/** The two processes of the demo, each really a process of its own. */
export interface DemoStage {
  readonly sandbox: SandboxApi;
  readonly bridge: DemoBridge;
  readonly bridgeLog: string;
  view(): Promise<BridgeView | undefined>;
  /** kill -9, then the same command again. */
  killBridge(): Promise<void>;
  folderFiles(): Promise<readonly FolderFile[]>;
  close(): Promise<void>;
}

/** Starts the sandbox, then the bridge on it. */
export async function openStage(options: StageOptions): Promise<DemoStage> {
  const { directory } = options;
  const stateFile = join(directory, 'sandbox.json');
  const sandboxLog = join(directory, 'sandbox.log');
  const bridgeLog = join(directory, 'bridge.log');
  const sandboxChild = startChild(
    options.sandboxScript,
    ['--scan-time-ms', '400', '--state-file', stateFile],
    sandboxLog,
  );
  const sandbox = await waitFor('the sandbox', () => connect(stateFile), {
    child: sandboxChild,
    withinMs: 20_000,
    logFile: sandboxLog,
  });
  const bridge = writeDemoConfig(directory, await sandbox.health(), options.bridgePort);
  const view = (): Promise<BridgeView | undefined> => readBridge(bridge.url, bridge.token);
  let bridgeChild = await startBridge();

  async function startBridge(): Promise<Child> {
    const child = startChild(options.bridgeScript, ['start', '--config', bridge.configFile], bridgeLog);
    await waitFor('the bridge', view, { child, withinMs: 20_000, logFile: bridgeLog });
    return child;
  }

  return {
    sandbox,
    bridge,
    bridgeLog,
    view,
    async killBridge() {
      await bridgeChild.stop('SIGKILL');
      bridgeChild = await startBridge();
    },
    folderFiles: () => hashFolder(bridge.folder),
    async close() {
      await bridgeChild.stop('SIGTERM');
      await sandboxChild.stop('SIGTERM');
    },
  };
}

async function connect(stateFile: string): Promise<SandboxApi | undefined> {
  const { control } = JSON.parse(await readFile(stateFile, 'utf8')) as { control: { url: string } };
  const api = createSandboxApi(control.url);
  await api.health();
  return api;
}

/** Every visible file below `folder`, with the hash of what really lies there. */
async function hashFolder(folder: string): Promise<readonly FolderFile[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  // What is staged, and the mark of the folder, are the bridge's own.
  const files = entries.filter(
    (entry) =>
      entry.isFile() && !relative(folder, join(entry.parentPath, entry.name)).startsWith('.mft-bridge-'),
  );
  return Promise.all(
    files.map(async (entry) => {
      const hash = createHash('sha256');
      await pipeline(createReadStream(join(entry.parentPath, entry.name)), hash);
      return { name: basename(entry.name), sha256: hash.digest('hex') };
    }),
  );
}
