import { setMaxListeners } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';

/** Where text goes. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  /** Columns of the terminal. */
  readonly columns?: number;
  readonly rows?: number;
}

/** Where answers to prompts come from. */
export type Input = NodeJS.ReadableStream & { readonly isTTY?: boolean };

/** What a command touches of the process. Passed in, so that a test sees everything that it says and does. */
export interface CliContext {
  readonly stdin: Input;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly setExitCode: (code: number) => void;
  /** Epoch ms. */
  readonly now: () => number;
  /** Waits; rejects when the signal is aborted. */
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** Calls again and again until the returned function is called; never keeps the process alive. */
  readonly every: (ms: number, tick: () => void) => () => void;
  /** Aborted by Ctrl-C: what is under way is ended in order. */
  readonly signal: AbortSignal;
}

/** `timeout` and `npx` pass on a signal that the process got already: that is one Ctrl-C, and no second one. */
const ECHO_MS = 500;

/** The real process. The first Ctrl-C ends in order (an upload is aborted at the server too), the second at once. */
export function processContext(): CliContext {
  // `mdmft ls | head` closes the pipe early: that is an end, and no crash with a stack.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(0);
  });
  const interrupted = new AbortController();
  // Every transfer that is under way listens; more than ten at a time are no leak.
  setMaxListeners(0, interrupted.signal);
  let firstAt = 0;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (!interrupted.signal.aborted) {
        firstAt = Date.now();
        interrupted.abort();
      } else if (Date.now() - firstAt > ECHO_MS) process.exit(130);
    });
  }
  return {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    now: Date.now,
    sleep: async (ms, signal) => {
      // A timer that is given more than it can hold fires at once.
      await wait(Math.min(ms, 2 ** 31 - 1), undefined, signal === undefined ? {} : { signal });
    },
    every: (ms, tick) => {
      const timer = setInterval(tick, ms).unref();
      return () => clearInterval(timer);
    },
    signal: interrupted.signal,
    setExitCode: (code) => {
      process.exitCode = code;
    },
  };
}
