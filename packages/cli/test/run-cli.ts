import { PassThrough } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { createAs2gw } from '../src/as2gw/create-as2gw';
import type { CliContext, Input } from '../src/context';
import { createMdmft } from '../src/mdmft/create-mdmft';
import { runProgram } from '../src/program';

/** What a program said and ended with. */
export interface CliResult {
  readonly out: string;
  readonly err: string;
  readonly code: number;
  /** Lines of standard output, read as JSON. */
  json(): Record<string, unknown>[];
}

export interface CliOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Standard output and error are terminals of so many columns. */
  readonly columns?: number;
  /** Typed on a terminal, a piece when something is asked. */
  readonly typed?: readonly string[];
  readonly signal?: AbortSignal;
  readonly now?: () => number;
  readonly sleep?: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** Told of each text that is written to standard output. */
  readonly onOut?: (text: string) => void;
}

/** Runs one of the programs in this process, as it is registered, with everything that it touches captured. */
export async function runCli(
  name: 'mdmft' | 'as2gw',
  args: readonly string[],
  options: CliOptions = {},
): Promise<CliResult> {
  const said = { out: '', err: '', code: 0 };
  const terminal = options.columns === undefined ? {} : { isTTY: true, columns: options.columns, rows: 40 };
  const typed = [...(options.typed ?? [])];
  const stdin: Input = Object.assign(new PassThrough(), options.typed === undefined ? {} : { isTTY: true });
  const context: CliContext = {
    stdin,
    stdout: {
      ...terminal,
      write: (text) => {
        said.out += text;
        options.onOut?.(text);
      },
    },
    stderr: {
      ...terminal,
      ...(options.typed === undefined ? {} : { isTTY: true }),
      write: (text) => {
        said.err += text;
        const next = text.endsWith(': ') ? typed.shift() : undefined;
        if (next !== undefined) setImmediate(() => (stdin as PassThrough).write(next));
      },
    },
    // No session of the developer who runs the tests, and none of another test.
    env: { XDG_CONFIG_HOME: '/nonexistent/mft-bridge-test', ...options.env },
    setExitCode: (code) => void (said.code = code),
    now: options.now ?? Date.now,
    sleep:
      options.sleep ??
      (async (ms, signal) => {
        // Shortened: what is waited for is on this machine.
        await wait(Math.min(ms, 20), undefined, signal === undefined ? {} : { signal });
      }),
    every: (ms, tick) => {
      const timer = setInterval(tick, ms).unref();
      return () => clearInterval(timer);
    },
    signal: options.signal ?? new AbortController().signal,
  };
  const create = name === 'mdmft' ? createMdmft : createAs2gw;
  await runProgram(create(context), context, args);
  return {
    ...said,
    json: () =>
      said.out
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Record<string, unknown>),
  };
}
