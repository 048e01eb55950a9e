import { rename, writeFile } from 'node:fs/promises';
import type { BridgeProcess, ProcessEnd, ProcessOptions } from '../rig/bridge-process';
import { startBridgeProcess } from '../rig/bridge-process';
import type { Canaries } from './canaries';

/** What the module loaded before the bridge is told to do; see `preload.mjs`. */
export interface Control {
  readonly clockMs?: number;
  readonly readErrors?: number;
  readonly stop?: { readonly point: string; readonly nth: number; readonly log: string } | null;
}

/** The bridge of a rig, over all its lives. */
export interface BridgeKeeper {
  /** Does not wait until it runs. */
  start(): void;
  /** Until it says that it runs. */
  up(): Promise<string>;
  /** Starts it again where it has ended by itself, as whoever watches a service does. */
  revive(): void;
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
  /** What it may say when it ends by itself; any such end is a fault where this is absent. */
  readonly mayEnd?: RegExp;
}

const pages = [
  '/livez',
  '/readyz',
  '/metrics',
  '/api/v1/messages?limit=50',
  '/api/v1/intake-failures',
  '/api/v1/activity',
];

/** Its own grace is a third of this: what lives on then hangs, and so would the run. */
const longestEndMs = 90_000;

export function keepBridge({ control, canaries, mayEnd, ...process }: KeeperOptions): BridgeKeeper {
  let current: BridgeProcess | undefined;
  let running: BridgeProcess | undefined;
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
    const hangs = setTimeout(() => {
      faults.push(
        `${signal} did not end it within ${String(longestEndMs / 1_000)} s:\n  ${bridge.lines.slice(-8).join('\n  ')}`,
      );
      bridge.signal('SIGKILL');
    }, longestEndMs);
    const ended = await bridge.end;
    clearTimeout(hangs);
    read(bridge.lines);
    current = undefined;
    return ended;
  }

  const keeper: BridgeKeeper = {
    start() {
      // Somebody revived it meanwhile.
      if (current !== undefined) return;
      const bridge = startBridgeProcess(process);
      current = bridge;
      wanted = 'life';
      bridge.url.then(
        () => (running = bridge),
        () => undefined,
      );
      void bridge.end.then(({ code, signal }) => {
        if (wanted === 'death' || current !== bridge) return;
        read(bridge.lines);
        current = undefined;
        const said = bridge.lines.slice(-8).join('\n  ');
        if (mayEnd?.test(bridge.lines.slice(-40).join('\n')) === true) return;
        faults.push(`the bridge ended by itself (${String(code ?? signal)}):\n  ${said}`);
      });
    },
    async up() {
      if (current === undefined) throw new Error('no bridge was started');
      return current.url;
    },
    revive() {
      if (current === undefined && wanted === 'life') keeper.start();
    },
    signal: (signal) => current?.signal(signal),
    async kill() {
      await end('SIGKILL');
    },
    async stop() {
      await current?.url.catch(() => undefined);
      const ended = await end('SIGTERM');
      const isLost = mayEnd?.test(last.join('\n')) === true;
      if (ended !== undefined && ended.code !== 0 && !isLost)
        faults.push(`SIGTERM ended it with ${String(ended.code ?? ended.signal)}: ${last.join('\n  ')}`);
    },
    async abandon() {
      current?.signal('SIGCONT');
      await end('SIGKILL').catch(() => undefined);
    },
    async control(what) {
      told = { ...told, ...what };
      // Whole at every instant: the bridge reads it when a signal comes, and also when it starts.
      await writeFile(`${control}.next`, JSON.stringify(told));
      await rename(`${control}.next`, control);
      // One that only starts would be ended by the signal, and reads the file by itself.
      if (current !== undefined && current === running) current.signal('SIGUSR2');
    },
    async readPages() {
      const bridge = current;
      // Of one that ended by itself there is a fault already, or it may end.
      if (bridge === undefined || (await isOver(bridge))) return;
      const url = await bridge.url;
      const get = async (path: string): Promise<string> => {
        const headers = { Authorization: `Bearer ${canaries.webToken}` };
        const text = await (await fetch(`${url}${path}`, { headers })).text();
        for (const name of canaries.findIn(text)) faults.push(`${name} stands on the page ${path}`);
        return text;
      };
      try {
        for (const path of pages) await get(path);
        const list = JSON.parse(await get('/api/v1/messages?limit=20')) as { items?: { id?: string }[] };
        for (const { id } of list.items ?? []) if (id !== undefined) await get(`/api/v1/messages/${id}`);
      } catch (error) {
        if (!(await isOver(bridge))) faults.push(`a page could not be read: ${String(error)}`);
      }
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
