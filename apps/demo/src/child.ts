import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';

export interface Child {
  /** Settles when the process is gone, with its exit code or the signal's name. */
  readonly gone: Promise<number | string>;
  /** Sends a signal and waits for the end; kills after `graceMs`. */
  stop(signal: NodeJS.Signals, graceMs?: number): Promise<void>;
}

/** Starts a Node program; what it prints goes to a log file. */
export function startChild(script: string, args: readonly string[], logFile: string): Child {
  const log = openSync(logFile, 'a', 0o600);
  const child: ChildProcess = spawn(process.execPath, [script, ...args], { stdio: ['ignore', log, log] });
  closeSync(log);
  const gone = new Promise<number | string>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code ?? signal ?? 'unknown'));
  });
  return {
    gone,
    async stop(signal, graceMs = 10_000) {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill(signal);
      const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
      await gone;
      clearTimeout(timer);
    },
  };
}

/** Asks `probe` until it answers something. @throws with `what` and the child's end if the child ends first, or after `withinMs` */
export async function waitFor<T>(
  what: string,
  probe: () => Promise<T | undefined>,
  { child, withinMs, logFile }: { child: Child; withinMs: number; logFile: string },
): Promise<T> {
  let ended: number | string | undefined;
  void child.gone.then((end) => (ended = end));
  const until = Date.now() + withinMs;
  while (Date.now() < until && ended === undefined) {
    const answer = await probe().catch(() => undefined);
    if (answer !== undefined) return answer;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const why =
    ended === undefined ? `not within ${String(withinMs / 1_000)} s` : `it ended with ${String(ended)}`;
  throw new Error(`${what} did not start (${why}); its log is ${logFile}`);
}
