import { writeFile } from 'node:fs/promises';
import type { BridgeProcess, ProcessEnd, ProcessOptions } from '../rig/bridge-process';
import { startBridgeProcess } from '../rig/bridge-process';
import type { Canaries } from './canaries';

/** What the module loaded before the bridge is told to do; see `preload.mjs`. */
export interface Control {
  readonly clockMs?: number;
  readonly readErrors?: number;
  readonly stop?: { readonly point: string; readonly nth: number; readonly log: string };
}

/** The bridge of a rig, over all its lives. */
export interface BridgeKeeper {
  /** Does not wait until it runs. */
  start(): void;
  /** Until it says that it runs. */
  up(): Promise<string>;
  signal(signal: NodeJS.Signals): void;
  /** SIGKILL, and its end. */
  kill(): Promise<void>;
  /** SIGTERM, and its end in order. */
  stop(): Promise<void>;
  /** As `kill`, for the end of a run; never throws. */
  abandon(): Promise<void>;
  /** What is not named stays as it is. */
  control(what: Control): Promise<void>;
  /** Asks for each page of the private listener. */
  readPages(): Promise<void>;
  /** What went wrong with it: ends that nobody asked for, canaries in what it said or showed. Emptied by reading. */
  takeFaults(): readonly string[];
  /** The last lines that it said. */
  tail(): readonly string[];
}

export interface KeeperOptions extends ProcessOptions {
  readonly control: string;
  readonly canaries: Canaries;
}

const pages = [
  '/livez',
  '/readyz',
  '/metrics',
  '/api/v1/messages?limit=50',
  '/api/v1/intake-failures',
  '/api/v1/activity',
];

export function keepBridge({ control, canaries, ...process }: KeeperOptions): BridgeKeeper {
  let current: BridgeProcess | undefined;
  let wanted: 'life' | 'death' = 'death';
  let last: readonly string[] = [];
  let told: Control = {};
  const faults: string[] = [];

  function read(lines: readonly string[]): void {
    last = lines.slice(-15);
    for (const line of lines)
      for (const name of canaries.findIn(line))
        faults.push(`${name} stands in a log line: ${line.slice(0, 120)}`);
  }

  async function end(signal: NodeJS.Signals): Promise<ProcessEnd | undefined> {
    const bridge = current;
    if (bridge === undefined) return undefined;
    wanted = 'death';
    bridge.signal(signal);
    const ended = await bridge.end;
    read(bridge.lines);
    current = undefined;
    return ended;
  }

  const keeper: BridgeKeeper = {
    start() {
      const bridge = startBridgeProcess(process);
      current = bridge;
      wanted = 'life';
      void bridge.end.then(({ code, signal }) => {
        if (wanted === 'death' || current !== bridge) return;
        const said = bridge.lines.slice(-8).join('\n  ');
        faults.push(`the bridge ended by itself (${String(code ?? signal)}):\n  ${said}`);
      });
    },
    async up() {
      if (current === undefined) throw new Error('no bridge was started');
      return current.url;
    },
    signal: (signal) => current?.signal(signal),
    async kill() {
      await end('SIGKILL');
    },
    async stop() {
      await current?.url.catch(() => undefined);
      const ended = await end('SIGTERM');
      if (ended !== undefined && ended.code !== 0)
        faults.push(`SIGTERM ended it with ${String(ended.code ?? ended.signal)}: ${last.join('\n  ')}`);
    },
    async abandon() {
      current?.signal('SIGCONT');
      await end('SIGKILL').catch(() => undefined);
    },
    async control(what) {
      told = { ...told, ...what };
      await writeFile(control, JSON.stringify(told));
      current?.signal('SIGUSR2');
    },
    async readPages() {
      // Of one that ended by itself there is a fault already.
      if (current === undefined || (await isOver(current))) return;
      const url = await keeper.up();
      const get = async (path: string): Promise<string> => {
        const headers = { Authorization: `Bearer ${canaries.webToken}` };
        const text = await (await fetch(`${url}${path}`, { headers })).text();
        for (const name of canaries.findIn(text)) faults.push(`${name} stands on the page ${path}`);
        return text;
      };
      for (const path of pages) await get(path);
      const list = JSON.parse(await get('/api/v1/messages?limit=20')) as { items?: { id?: string }[] };
      for (const { id } of list.items ?? []) if (id !== undefined) await get(`/api/v1/messages/${id}`);
    },
    takeFaults: () => faults.splice(0),
    tail: () => current?.lines.slice(-15) ?? last,
  };
  return keeper;
}

function isOver({ end }: BridgeProcess): Promise<boolean> {
  return Promise.race([
    end.then(() => true),
    new Promise<boolean>((resolve) => setImmediate(() => resolve(false))),
  ]);
}
