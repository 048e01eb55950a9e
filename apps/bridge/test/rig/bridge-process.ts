import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** One run of the bridge as a process of its own. */
export interface BridgeProcess {
  /** Where its private listener answers. Rejects where the process ends before it runs. */
  readonly url: Promise<string>;
  readonly end: Promise<ProcessEnd>;
  /** What it said so far, oldest first. */
  readonly lines: readonly string[];
  signal(signal: NodeJS.Signals): void;
  /** Resolves when it has said a line with this text in it. */
  said(text: string): Promise<void>;
}

export interface ProcessOptions {
  readonly script: string;
  readonly configFile: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Starts `mft-bridge start`, with the module that watches its steps loaded before it. */
export function startBridgeProcess({ script, configFile, env }: ProcessOptions): BridgeProcess {
  const preload = join(__dirname, 'kill-at.mjs');
  const child = spawn(process.execPath, ['--import', preload, script, 'start', '--config', configFile], {
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      for (const look of waiting) look();
    });
  }
  const end = new Promise<ProcessEnd>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal }));
  });

  function lineWith(text: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const line = lines.find((candidate) => candidate.includes(text));
        if (line === undefined) return;
        waiting.delete(look);
        resolve(line);
      };
      waiting.add(look);
      look();
      const ended = (): void => {
        look();
        reject(new Error(`the bridge ended without saying "${text}":\n${lines.slice(-20).join('\n')}`));
      };
      end.then(ended, reject);
    });
  }

  const url = lineWith('"the bridge is running"').then((line) => (JSON.parse(line) as { url: string }).url);
  url.catch(() => undefined);
  return {
    url,
    end,
    lines,
    signal: (signal) => void child.kill(signal),
    async said(text) {
      await lineWith(text);
    },
  };
}
