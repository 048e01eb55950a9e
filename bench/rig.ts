import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchSettings } from './bridge-yaml';
import { bridgeYaml } from './bridge-yaml';
import type { SandboxControl } from './sandbox-control';
import { openSandboxControl } from './sandbox-control';

export interface MeasuredProcess {
  readonly pid: number;
  /** SIGTERM, and the end of it. */
  stop(): Promise<void>;
}

/** Sandbox and bridge as processes of their own, from the built code, in a directory that goes with them. */
export interface Rig {
  readonly directory: string;
  readonly sandboxPid: number;
  readonly sandbox: SandboxControl;
  /** The folder destination. */
  readonly folder: string;
  readonly bridgeLog: string;
  readonly ledgerFile: string;
  /**
   * Starts a bridge and waits for its listener. `nodeFlags` go to its Node, for a profile. Each `number` is a bridge with a data
   * directory, a log and a listener of its own; the first one is 0.
   */
  startBridge(nodeFlags?: readonly string[], number?: number): Promise<MeasuredProcess>;
  /** Where a bridge writes its log. */
  logOf(number: number): string;
  /** Obligations that the bridges have delivered since they started, by their own metrics. */
  delivered(): Promise<number>;
  close(): Promise<void>;
}

const root = resolve(import.meta.dirname, '..');
const token = 'a-token-for-the-bench-only';

/** @param keep leave the directory behind, for a look at the log */
export async function openRig(settings: BenchSettings, keep = false): Promise<Rig> {
  const directory = await mkdtemp(join(tmpdir(), 'mft-bridge-bench-'));
  const clear = (): void => rmSync(directory, { recursive: true, force: true });
  if (!keep) process.once('exit', clear);
  const folder = join(directory, 'folder');
  const logOf = (number: number): string =>
    join(directory, number === 0 ? 'bridge.log' : `bridge-${number}.log`);
  const bridgeLog = logOf(0);
  mkdirSync(folder);
  const stateFile = join(directory, 'sandbox.json');
  const sandboxProcess = start(
    ['packages/sandbox/bin/mft-bridge-sandbox.js', '--scan-time-ms', '0', '--state-file', stateFile],
    join(directory, 'sandbox.log'),
    directory,
  );
  const sandbox = await waitFor('the sandbox', () => openSandboxControl(readFileSync(stateFile, 'utf8')));
  const ports = new Map<number, number>();
  const metrics = async (port: number): Promise<string> => {
    const headers = { authorization: `Bearer ${token}` };
    return (await fetch(`http://127.0.0.1:${String(port)}/metrics`, { headers })).text();
  };

  return {
    directory,
    sandboxPid: sandboxProcess.pid,
    sandbox,
    folder,
    bridgeLog,
    ledgerFile: join(directory, 'data', 'ledger.sqlite'),
    logOf,
    async startBridge(nodeFlags = [], number = 0) {
      const script = 'apps/bridge/bin/mft-bridge.js';
      const port = ports.get(number) ?? (await freePort());
      ports.set(number, port);
      const dataDirectory = join(directory, number === 0 ? 'data' : `data-${number}`);
      const configFile = join(directory, `bridge-${number}.yaml`);
      const places = { directory, folder, dataDirectory, port, token, services: sandbox.services };
      writeFileSync(configFile, bridgeYaml(places, settings), { mode: 0o600 });
      const bridge = start([...nodeFlags, script, 'start', '--config', configFile], logOf(number), directory);
      await waitFor('the bridge', () => metrics(port));
      return bridge;
    },
    async delivered() {
      const texts = await Promise.all([...ports.values()].map(metrics));
      const lines = texts.map((text) =>
        /^mft_bridge_obligations_total\{place="delivered"\} (\d+)$/m.exec(text),
      );
      return lines.reduce((sum, line) => sum + Number(line?.[1] ?? 0), 0);
    },
    async close() {
      await sandboxProcess.stop();
      if (!keep) clear();
    },
  };
}

function start(args: readonly string[], logFile: string, temporary: string): MeasuredProcess {
  const log = openSync(logFile, 'a', 0o600);
  const env = { ...process.env, TMPDIR: temporary, NODE_OPTIONS: '' };
  const child = spawn(process.execPath, args, { cwd: root, env, stdio: ['ignore', log, log] });
  closeSync(log);
  const gone = new Promise<void>((done) => child.once('exit', () => done()));
  // A bench that fails must leave nothing running.
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  void gone.then(() => process.removeListener('exit', kill));
  if (child.pid === undefined) throw new Error(`could not start ${args.join(' ')}`);
  return {
    pid: child.pid,
    async stop() {
      child.kill('SIGTERM');
      await gone;
    },
  };
}

async function waitFor<T>(what: string, probe: () => Promise<T> | T): Promise<T> {
  const until = Date.now() + 20_000;
  for (;;) {
    try {
      return await probe();
    } catch (error) {
      if (Date.now() > until) throw new Error(`${what} did not start within 20 s`, { cause: error });
    }
    await sleep(50);
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}
